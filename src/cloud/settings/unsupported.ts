import { withIam } from "./known";
import { type Environment, fromEnvironment, misconfigured, type Setting } from "./settings";

/** Settings that select an identity in a way that this release does not support. Ignoring them would act as another identity. */
const IDENTITIES: ReadonlyArray<readonly [name: RegExp, what: string]> = [
    [/^HW_ASSUME_ROLE_/, "assuming an agency"],
    [/^OS_AGENCY_|^OS_DELEGATED_PROJECT$/, "assuming an agency"],
    [/^HUAWEICLOUD_SDK_(IDP_ID|ID_TOKEN_FILE)$/, "logging in by an identity provider"],
    [/^HUAWEICLOUD_OIDC_/, "exchanging an id token"],
];

/** Settings from which the official SDKs or OpenStack's clients read credentials if the environment itself holds none. */
const OTHER_SOURCES = ["HUAWEICLOUD_SDK_CREDENTIALS_FILE", "OS_CLOUD", "OS_APPLICATION_CREDENTIAL_ID"];

/** The official SDKs' names for services that have another name here. */
const OTHER_NAMES_OF_SDK = ["APPSTREAM", "WORKSPACE"];

/** For example `HUAWEICLOUD_SDK_REGION_ROMA_CN_NORTH_4`. */
function isEndpointOfSdk(name: string, services: readonly string[]): boolean {
    const names = [...withIam(services).map((service) => service.toUpperCase()), ...OTHER_NAMES_OF_SDK];
    return (
        name === "HUAWEICLOUD_SDK_REGIONS_FILE" ||
        names.some((service) => name.startsWith(`HUAWEICLOUD_SDK_REGION_${service}_`))
    );
}

const OFF = /^(0|f|false|no|off)$/i;

/** Refuses, by name, environment settings that would change the identity, the place or the safety of requests and are not supported. */
export function refuseUnsupported(env: Environment, services: readonly string[]): void {
    for (const [name, value] of Object.entries(env)) {
        if (value === undefined || value === "") {
            continue;
        }
        const [, identity] = IDENTITIES.find(([pattern]) => pattern.test(name)) ?? [];
        if (identity !== undefined) {
            throw unsupported(
                name,
                `${identity} is not supported yet: without it somebody else would act. Unset it, and give the agency's own temporary keys (HW_ACCESS_KEY, HW_SECRET_KEY, HW_SECURITY_TOKEN)`,
            );
        }
        if (isEndpointOfSdk(name, services)) {
            throw unsupported(name, "it names other endpoints: unset it, and set HUAWEICLOUD_BATCH_ENDPOINT_<SERVICE>");
        }
    }
    const insecure = fromEnvironment(env, ["HW_INSECURE", "OS_INSECURE"]);
    if (insecure !== undefined && !OFF.test(insecure.value)) {
        throw unsupported(
            insecure.name,
            "certificates are always verified: unset it, and name an authority of your own with OS_CACERT",
        );
    }
    // Node itself applies it to every connection of this process.
    if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
        throw unsupported(
            "NODE_TLS_REJECT_UNAUTHORIZED",
            "certificates are always verified: unset it, and name an authority of your own with OS_CACERT",
        );
    }
    const certificate = fromEnvironment(env, ["OS_CERT", "OS_KEY"]);
    if (certificate !== undefined) {
        throw unsupported(certificate.name, "client certificates are not supported: unset it");
    }
    const log = fromEnvironment(env, ["HUAWEICLOUD_BATCH_LOG"]);
    if (log !== undefined && log.value !== "debug") {
        throw unsupported(log.name, "the one log that there is is debug: set it to debug, or unset it");
    }
    const algorithm = fromEnvironment(env, ["HW_SIGNING_ALGORITHM"]);
    if (algorithm !== undefined && algorithm.value !== "HmacSHA256") {
        throw unsupported(algorithm.name, "requests are signed with HmacSHA256 alone: unset it");
    }
}

/** Call it if the environment itself holds no credentials: if one of these settings names some, no other source may replace them. */
export function refuseOtherSources(env: Environment): void {
    const other = fromEnvironment(env, OTHER_SOURCES);
    if (other !== undefined) {
        throw unsupported(
            other.name,
            "credentials are not read from there: unset it, and set HW_ACCESS_KEY and HW_SECRET_KEY, or HW_PROFILE",
        );
    }
}

/** The error for two settings that name different identities. */
export function contradiction(one: Setting, other: Setting): Error {
    return misconfigured(
        "ContradictingCredentials",
        `${one.name} and ${other.name} are both set, and each says who acts: remove one of them`,
    );
}

function unsupported(name: string, why: string): Error {
    return misconfigured("UnsupportedSetting", `${name} is set, and can't be honoured: ${why}`);
}
