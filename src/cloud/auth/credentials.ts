import { createHash } from "node:crypto";
import {
    type Environment,
    fromConfiguration,
    fromEnvironment,
    misconfigured,
    requireHeaderSafe,
    requireTidy,
    type Setting,
    type StackConfiguration,
} from "../settings/settings";
import { Secret } from "./secret";

export type Credentials = TokenCredentials | KeyCredentials | PasswordCredentials;

export interface TokenCredentials {
    readonly is: "token";
    /** For messages: "the environment (HW_AUTH_TOKEN)". */
    readonly source: string;
    readonly from: CredentialsFrom;
    readonly token: Secret;
}

export interface KeyCredentials {
    readonly is: "key";
    readonly source: string;
    readonly from: CredentialsFrom;
    readonly accessKey: Secret;
    readonly secretKey: Secret;
    /** Only for temporary keys. */
    readonly securityToken?: Secret;
}

export interface PasswordCredentials {
    readonly is: "password";
    readonly source: string;
    readonly from: CredentialsFrom;
    readonly user: Named;
    readonly password: Secret;
    /** The account. Required with a user's name, not with a user's id. */
    readonly domain?: Named;
}

export type CredentialsFrom = "environment" | "configuration" | "profile";

/** In IAM's format: `{"name": …}` or `{"id": …}`. */
export type Named = { readonly name: string } | { readonly id: string };

/** The fields that one source may hold; undefined if not set. */
export interface CredentialFields {
    readonly token: Setting | undefined;
    readonly accessKey: Setting | undefined;
    readonly secretKey: Setting | undefined;
    readonly securityToken: Setting | undefined;
    readonly userName: Setting | undefined;
    readonly userId: Setting | undefined;
    readonly password: Setting | undefined;
    readonly domainName: Setting | undefined;
    readonly domainId: Setting | undefined;
}

type Names = Readonly<Record<keyof CredentialFields, readonly string[]>>;

/** In the order in which they are read. The names are those of the cloud's other tools. */
const ENVIRONMENT: readonly Names[] = [
    {
        token: ["HW_AUTH_TOKEN"],
        accessKey: ["HW_ACCESS_KEY"],
        secretKey: ["HW_SECRET_KEY"],
        securityToken: ["HW_SECURITY_TOKEN"],
        userName: ["HW_USER_NAME"],
        userId: ["HW_USER_ID"],
        password: ["HW_USER_PASSWORD"],
        domainName: ["HW_DOMAIN_NAME"],
        domainId: ["HW_DOMAIN_ID"],
    },
    {
        token: ["OS_AUTH_TOKEN"],
        accessKey: ["OS_ACCESS_KEY"],
        secretKey: ["OS_SECRET_KEY"],
        securityToken: [],
        userName: ["OS_USERNAME"],
        userId: ["OS_USER_ID"],
        password: ["OS_PASSWORD"],
        domainName: ["OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"],
        domainId: ["OS_DOMAIN_ID", "OS_USER_DOMAIN_ID", "OS_PROJECT_DOMAIN_ID"],
    },
    {
        token: [],
        accessKey: ["HUAWEICLOUD_SDK_AK"],
        secretKey: ["HUAWEICLOUD_SDK_SK"],
        securityToken: ["HUAWEICLOUD_SDK_SECURITY_TOKEN"],
        userName: [],
        userId: [],
        password: [],
        domainName: [],
        domainId: [],
    },
    // The variables that the GitHub action huaweicloud/auth-action sets.
    {
        token: [],
        accessKey: ["HUAWEI_CLOUD_ACCESS_KEY_ID"],
        secretKey: ["HUAWEI_CLOUD_SECRET_ACCESS_KEY"],
        securityToken: [],
        userName: [],
        userId: [],
        password: [],
        domainName: [],
        domainId: [],
    },
];

export function environmentCredentials(env: Environment): Credentials | undefined {
    // Without its tool's access key, the security token may belong to the keys of another tool.
    const stray = fromEnvironment(env, ["HUAWEICLOUD_SDK_SECURITY_TOKEN"]);
    if (stray !== undefined && fromEnvironment(env, ["HUAWEICLOUD_SDK_AK"]) === undefined) {
        throw misconfigured(
            "HalfSetCredentials",
            `${stray.name} is set in the environment, but HUAWEICLOUD_SDK_AK is not`,
        );
    }
    for (const names of ENVIRONMENT) {
        const found = credentialsIn(
            credentialFields((key) => fromEnvironment(env, names[key])),
            { name: "the environment", from: "environment" },
            (key) => names[key][0] ?? key,
        );
        if (found !== undefined) {
            return found;
        }
    }
    return undefined;
}

const CONFIGURATION: Readonly<Record<keyof CredentialFields, string>> = {
    token: "authToken",
    accessKey: "accessKey",
    secretKey: "secretKey",
    securityToken: "securityToken",
    userName: "userName",
    userId: "userId",
    password: "password",
    domainName: "domainName",
    domainId: "domainId",
};

/** The first credential key that stack configuration holds. */
export function anyConfigurationCredential(config: StackConfiguration): Setting | undefined {
    return Object.values(CONFIGURATION)
        .filter((key) => key !== CONFIGURATION.domainName && key !== CONFIGURATION.domainId)
        .map((key) => fromConfiguration(config, key))
        .find((setting) => setting !== undefined);
}

export function configurationCredentials(config: StackConfiguration): Credentials | undefined {
    return credentialsIn(
        credentialFields((key) => fromConfiguration(config, CONFIGURATION[key])),
        { name: "stack configuration", from: "configuration" },
        (key) => `huaweicloud-batch:${CONFIGURATION[key]}`,
    );
}

/** Reads a token, else keys, else a password. A half-set credential is an error: its other half must not come from another source. */
export function credentialsIn(
    held: CredentialFields,
    { name: source, from }: { readonly name: string; readonly from: CredentialsFrom },
    nameOf: (key: keyof CredentialFields) => string,
): Credentials | undefined {
    const lacks = (present: Setting, missing: keyof CredentialFields) =>
        misconfigured("HalfSetCredentials", `${present.name} is set in ${source}, but ${nameOf(missing)} is not`);
    const { token, accessKey, secretKey, securityToken, password } = held;
    if (token !== undefined) {
        return { is: "token", source: `${source} (${token.name})`, from, token: new Secret(requireHeaderSafe(token)) };
    }
    const ofKey = accessKey ?? secretKey ?? securityToken;
    if (ofKey !== undefined) {
        if (accessKey === undefined) {
            throw lacks(ofKey, "accessKey");
        }
        if (secretKey === undefined) {
            throw lacks(ofKey, "secretKey");
        }
        const keys = {
            is: "key",
            source: `${source} (${accessKey.name})`,
            from,
            accessKey: new Secret(requireHeaderSafe(accessKey)),
            secretKey: new Secret(requireHeaderSafe(secretKey)),
        } as const;
        return securityToken === undefined
            ? keys
            : { ...keys, securityToken: new Secret(requireHeaderSafe(securityToken)) };
    }
    const user = named(held.userName, held.userId);
    if (user === undefined) {
        if (password === undefined) {
            return undefined;
        }
        throw lacks(password, "userName");
    }
    if (password === undefined) {
        throw lacks(user.setting, "password");
    }
    const domain = named(held.domainName, held.domainId);
    if (domain === undefined && user.setting === held.userName) {
        throw lacks(user.setting, "domainName");
    }
    const login = {
        is: "password",
        source: `${source} (${user.setting.name})`,
        from,
        user: user.named,
        password: new Secret(requireTidy(password)),
    } as const;
    return domain === undefined ? login : { ...login, domain: domain.named };
}

function named(name: Setting | undefined, id: Setting | undefined): { setting: Setting; named: Named } | undefined {
    if (name !== undefined) {
        return { setting: name, named: { name: requireTidy(name) } };
    }
    return id === undefined ? undefined : { setting: id, named: { id: requireTidy(id) } };
}

function credentialFields(find: (key: keyof CredentialFields) => Setting | undefined): CredentialFields {
    return {
        token: find("token"),
        accessKey: find("accessKey"),
        secretKey: find("secretKey"),
        securityToken: find("securityToken"),
        userName: find("userName"),
        userId: find("userId"),
        password: find("password"),
        domainName: find("domainName"),
        domainId: find("domainId"),
    };
}

/** Equal for equal credentials. It must stay in memory: a short secret can be guessed from a hash. */
export function fingerprint(credentials: Credentials): string {
    const login = credentials.is === "password" ? [credentials.user, credentials.domain ?? null] : [];
    return createHash("sha256")
        .update(JSON.stringify([credentials.is, login, secretsOf(credentials)]))
        .digest("hex");
}

/** All secrets, to remove them from the cloud's answers. */
export function secretsOf(credentials: Credentials): readonly string[] {
    switch (credentials.is) {
        case "token":
            return [credentials.token.reveal()];
        case "key":
            return [credentials.accessKey, credentials.secretKey, credentials.securityToken].flatMap((secret) =>
                secret === undefined ? [] : [secret.reveal()],
            );
        case "password":
            return [credentials.password.reveal()];
    }
}
