import { CloudError } from "../errors";
import { type Profile, profileFile, type ReadFile, readProfile } from "../place/profile";
import {
    type Environment,
    fromConfiguration,
    fromEnvironment,
    misconfigured,
    requireTidy,
    type Setting,
    type StackConfiguration,
} from "../settings/settings";
import { contradiction, refuseOtherSources } from "../settings/unsupported";
import {
    anyConfigurationCredential,
    type Credentials,
    configurationCredentials,
    environmentCredentials,
} from "./credentials";
import type { ConfigurationAge } from "./identity";

/** The sources of credentials, apart from stack configuration. */
export interface CredentialSources {
    readonly env: Environment;
    readonly readFile: ReadFile;
    /** Undefined if this process has no home directory. */
    readonly homeDir: string | undefined;
    /** Default: current. */
    readonly configurationAge?: ConfigurationAge;
}

export interface ChosenCredentials {
    readonly credentials: Credentials;
    /** The profile that holds the credentials, if one does. */
    readonly profile: Profile | undefined;
    /** Whether the profile was named explicitly: then nothing of another account may be used. */
    readonly profileAlone: boolean;
}

/**
 * Chooses the credentials in this order: the profile that an argument names, the profile that stack configuration names, the environment, the keys
 * of stack configuration, the profile that KooCLI uses. Rejects with CloudError of kind `configuration`.
 */
export async function chooseCredentials(
    argument: string | undefined,
    config: StackConfiguration,
    sources: CredentialSources,
): Promise<ChosenCredentials> {
    if (argument !== undefined) {
        return inProfile(await requireProfile(argument, sources), { profileAlone: true });
    }
    const configured = fromConfiguration(config, "profile");
    if (configured !== undefined) {
        return inProfile(await configuredProfile(configured, config, sources), { profileAlone: true });
    }
    const found = environmentOrConfiguration(sources.env, config);
    return found === undefined
        ? inProfile(await requireProfile(undefined, sources), { profileAlone: false })
        : { credentials: found, profile: undefined, profileAlone: false };
}

function inProfile(profile: Profile, { profileAlone }: { readonly profileAlone: boolean }): ChosenCredentials {
    return { credentials: profile.credentials, profile, profileAlone };
}

/** Undefined if the environment names a profile: it comes before the keys of stack configuration. */
function environmentOrConfiguration(env: Environment, config: StackConfiguration): Credentials | undefined {
    const credentials = environmentCredentials(env);
    const profile = fromEnvironment(env, ["HW_PROFILE", "HW_SHARED_CONFIG_FILE"]);
    if (credentials !== undefined) {
        if (profile !== undefined) {
            throw contradiction(profile, { name: credentials.source, value: "" });
        }
        return credentials;
    }
    refuseOtherSources(env);
    return profile === undefined ? configurationCredentials(config) : undefined;
}

async function configuredProfile(
    configured: Setting,
    config: StackConfiguration,
    sources: CredentialSources,
): Promise<Profile> {
    const credential = anyConfigurationCredential(config);
    if (credential !== undefined) {
        throw contradiction(configured, credential);
    }
    const name = requireTidy(configured);
    try {
        return await requireProfile(name, sources);
    } catch (error) {
        if (!(error instanceof CloudError)) {
            throw error;
        }
        const age =
            sources.configurationAge?.() === "perhapsOfLastUp"
                ? ". Destroy and refresh use the stack configuration of the last `up`: if it was changed since, run `pulumi up` first, or the same command with --run-program"
                : "";
        throw misconfigured(error.code, `${error.detail}, which ${configured.name} names${age}`);
    }
}

/** The profile of this name. Without a name, the one that KooCLI itself would use. */
async function requireProfile(name: string | undefined, sources: CredentialSources): Promise<Profile> {
    const { env, homeDir, readFile } = sources;
    const profile = await readProfile(name, env, homeDir, readFile);
    if (profile === undefined) {
        throw credentialsMissing(env, homeDir);
    }
    return profile;
}

function credentialsMissing(env: Environment, homeDir: string | undefined): CloudError {
    const file = profileFile(env, homeDir);
    const pod =
        fromEnvironment(env, ["HC_CONTAINER_CREDENTIALS_FULL_URI"]) === undefined
            ? ""
            : "; HC_CONTAINER_CREDENTIALS_FULL_URI is set, and the identity of a pod is not supported";
    return misconfigured(
        "CredentialsMissing",
        "no credentials: set HW_ACCESS_KEY and HW_SECRET_KEY (or OS_*, or HUAWEICLOUD_SDK_AK and _SK), or " +
            "huaweicloud-batch:accessKey and :secretKey, or configure KooCLI " +
            `(${file === undefined ? "HOME is not set, and neither is HW_SHARED_CONFIG_FILE" : `${file} is not there`})${pod}`,
    );
}
