import { join } from "node:path";
import * as z from "zod";
import { ID } from "../../util/patterns";
import { type Credentials, credentialsIn } from "../auth/credentials";
import { systemError } from "../http/system-error";
import { type Environment, fromEnvironment, misconfigured, type Setting } from "../settings/settings";

/** One profile of KooCLI, the vendor's command line tool. */
export interface Profile {
    readonly name: string;
    readonly credentials: Credentials;
    readonly region: Setting | undefined;
    readonly projectId: Setting | undefined;
}

export type ReadFile = (path: string) => Promise<string>;

const optional = z
    .string()
    .nullish()
    .transform((value) => value ?? "");
const keys = { accessKeyId: optional, secretAccessKey: optional, securityToken: optional };
const profile = z.object({
    name: z.string(),
    mode: optional,
    ...keys,
    xAuthToken: optional,
    region: optional,
    projectId: optional,
    agencyName: optional,
    skipSecureVerify: z
        .union([z.string(), z.boolean()])
        .nullish()
        .transform((value) => String(value ?? "")),
    ssoAuth: z.object({ stsToken: z.object(keys).nullish() }).nullish(),
});
const fileShape = z.object({ current: optional, profiles: z.array(profile) });

type ProfileInFile = z.infer<typeof fileShape>["profiles"][number];

/**
 * The profile `wanted`, else the one that HW_PROFILE names, else the file's current one. Undefined if there is no file and no profile was
 * named.
 */
export async function readProfile(
    wanted: string | undefined,
    env: Environment,
    homeDir: string | undefined,
    readFile: ReadFile,
): Promise<Profile | undefined> {
    const path = profileFile(env, homeDir);
    const byEnv = fromEnvironment(env, ["HW_PROFILE"]);
    if (path === undefined) {
        if (wanted === undefined && byEnv === undefined) {
            return undefined;
        }
        throw misconfigured(
            "ProfileUnreadable",
            `the profile ${JSON.stringify(wanted ?? byEnv?.value)} can't be read: HOME is not set, and neither is HW_SHARED_CONFIG_FILE`,
        );
    }
    const text = await readFile(path).catch((error: unknown) => {
        const { code } = systemError(error);
        if (
            code === "ENOENT" &&
            wanted === undefined &&
            byEnv === undefined &&
            fromEnvironment(env, ["HW_SHARED_CONFIG_FILE"]) === undefined
        ) {
            return undefined;
        }
        const why = code === "ENOENT" ? "ENOENT: there is no such file" : code;
        throw misconfigured("ProfileUnreadable", `${path} can't be read${why === "" ? "" : ` (${why})`}`);
    });
    if (text === undefined) {
        return undefined;
    }
    const file = fileShape.safeParse(parse(text));
    if (!file.success) {
        throw misconfigured(
            "ProfileUnreadable",
            `${path} is not a KooCLI configuration file: it may be cut short or encrypted (hcloud configure set --cli-auth-encrypt=false)`,
        );
    }
    const name = wanted ?? byEnv?.value ?? (file.data.current === "" ? "default" : file.data.current);
    const profile = file.data.profiles.find((candidate) => candidate.name === name);
    if (profile === undefined) {
        throw misconfigured("ProfileNotFound", `${path} has no profile named ${JSON.stringify(name)}`);
    }
    const from = (key: string, value: string): Setting | undefined =>
        value === "" ? undefined : { value, name: `${key} of profile ${JSON.stringify(name)}` };
    return {
        name,
        credentials: credentialsOf(profile, path),
        region: from("region", profile.region),
        projectId: from("projectId", profile.projectId),
    };
}

/** The path of the profile file; undefined if the process has no home and no variable names it. */
export function profileFile(env: Environment, homeDir: string | undefined): string | undefined {
    const named = fromEnvironment(env, ["HW_SHARED_CONFIG_FILE"])?.value;
    return named ?? (homeDir === undefined ? undefined : join(homeDir, ".hcloud", "config.json"));
}

function credentialsOf(profile: ProfileInFile, path: string): Credentials {
    const label = `profile ${JSON.stringify(profile.name)} of ${path}`;
    const mode = profile.mode === "" ? "AKSK" : profile.mode;
    if (!["AKSK", "token", "SSO"].includes(mode)) {
        throw misconfigured(
            "ProfileMode",
            `${label} has the mode ${JSON.stringify(mode.slice(0, 40))}: only AKSK, token and SSO are known here`,
        );
    }
    if (profile.agencyName !== "") {
        throw misconfigured(
            "ProfileAgency",
            `${label} names an agency (agencyName), and assuming one is not supported yet: without it somebody else would act. Name another profile, or give the agency's own temporary keys`,
        );
    }
    if (profile.skipSecureVerify.toLowerCase() === "true") {
        throw misconfigured(
            "ProfileInsecure",
            `${label} asks not to verify certificates (skipSecureVerify), and they always are: take that out, and name an authority of your own with OS_CACERT`,
        );
    }
    const held = mode === "SSO" ? profile.ssoAuth?.stsToken : profile;
    if (mode !== "token" && held?.accessKeyId && !ID.test(held.accessKeyId.trim())) {
        throw misconfigured(
            "ProfileEncrypted",
            `${label} holds encrypted keys: run "hcloud configure set --cli-auth-encrypt=false", or use the environment`,
        );
    }
    const setting = (key: string, value: string | undefined): Setting | undefined =>
        value === undefined || value === "" ? undefined : { value, name: `${key} in ${label}` };
    const none = {
        userName: undefined,
        userId: undefined,
        password: undefined,
        domainName: undefined,
        domainId: undefined,
    };
    const found = credentialsIn(
        mode === "token"
            ? {
                  ...none,
                  token: setting("xAuthToken", profile.xAuthToken),
                  accessKey: undefined,
                  secretKey: undefined,
                  securityToken: undefined,
              }
            : {
                  ...none,
                  token: undefined,
                  accessKey: setting("accessKeyId", held?.accessKeyId),
                  secretKey: setting("secretAccessKey", held?.secretAccessKey),
                  securityToken: setting("securityToken", held?.securityToken),
              },
        { name: label, from: "profile" },
        (key) => (key === "accessKey" ? "accessKeyId" : key === "secretKey" ? "secretAccessKey" : key),
    );
    if (found === undefined) {
        throw misconfigured(
            "ProfileEmpty",
            `${label} holds no credentials of its mode, ${mode}${mode === "SSO" ? ": log in with hcloud first" : ""}`,
        );
    }
    return found;
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text.replace(/^\uFEFF/, ""));
    } catch {
        return undefined;
    }
}
