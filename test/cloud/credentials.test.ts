import { inspect } from "node:util";
import {
    type Credentials,
    configurationCredentials,
    environmentCredentials,
    secretsOf,
} from "../../src/cloud/auth/credentials";
import { readProfile } from "../../src/cloud/place/profile";

const shown = (credentials: Credentials | undefined) =>
    credentials && { is: credentials.is, source: credentials.source, secrets: secretsOf(credentials) };

test.each<[string, Record<string, string>, string, string[]]>([
    ["a token first", { HW_AUTH_TOKEN: "T", HW_ACCESS_KEY: "A", HW_SECRET_KEY: "S" }, "HW_AUTH_TOKEN", ["T"]],
    ["then keys", { HW_ACCESS_KEY: "A", HW_SECRET_KEY: "S", HW_USER_NAME: "u" }, "HW_ACCESS_KEY", ["A", "S"]],
    [
        "with a security token",
        { HW_ACCESS_KEY: "A", HW_SECRET_KEY: "S", HW_SECURITY_TOKEN: "X" },
        "HW_ACCESS_KEY",
        ["A", "S", "X"],
    ],
    ["then a password", { HW_USER_NAME: "u", HW_USER_PASSWORD: "P w", HW_DOMAIN_NAME: "d" }, "HW_USER_NAME", ["P w"]],
    ["a user's id needs no domain", { HW_USER_ID: "1", HW_USER_PASSWORD: "P" }, "HW_USER_ID", ["P"]],
    ["HW before OS", { OS_AUTH_TOKEN: "O", HW_ACCESS_KEY: "A", HW_SECRET_KEY: "S" }, "HW_ACCESS_KEY", ["A", "S"]],
    ["OS before SDK", { OS_ACCESS_KEY: "A", OS_SECRET_KEY: "S", HUAWEICLOUD_SDK_AK: "B" }, "OS_ACCESS_KEY", ["A", "S"]],
    [
        "SDK",
        { HUAWEICLOUD_SDK_AK: "A", HUAWEICLOUD_SDK_SK: "S", HUAWEICLOUD_SDK_SECURITY_TOKEN: "X" },
        "HUAWEICLOUD_SDK_AK",
        ["A", "S", "X"],
    ],
    ["empty counts as not set", { HW_ACCESS_KEY: "", HW_SECRET_KEY: "", OS_AUTH_TOKEN: "T" }, "OS_AUTH_TOKEN", ["T"]],
])("environment: %s", (_, env, variable, secrets) => {
    expect(shown(environmentCredentials(env))).toMatchObject({ source: `the environment (${variable})`, secrets });
});

test.each<[Record<string, string>, string, string]>([
    [{ HW_ACCESS_KEY: "PLANTED" }, "HW_ACCESS_KEY", "HW_SECRET_KEY"],
    [{ HW_SECRET_KEY: "PLANTED" }, "HW_SECRET_KEY", "HW_ACCESS_KEY"],
    [{ HW_SECURITY_TOKEN: "PLANTED" }, "HW_SECURITY_TOKEN", "HW_ACCESS_KEY"],
    [{ HW_ACCESS_KEY: "PLANTED", OS_SECRET_KEY: "PLANTED" }, "HW_ACCESS_KEY", "HW_SECRET_KEY"],
    [{ HW_ACCESS_KEY: "PLANTED", HW_SECRET_KEY: "" }, "HW_ACCESS_KEY", "HW_SECRET_KEY"],
    [{ HUAWEICLOUD_SDK_SK: "PLANTED" }, "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_AK"],
    [{ HW_USER_NAME: "someone" }, "HW_USER_NAME", "HW_USER_PASSWORD"],
    [{ OS_PASSWORD: "PLANTED" }, "OS_PASSWORD", "OS_USERNAME"],
    [{ OS_USERNAME: "someone", OS_PASSWORD: "PLANTED" }, "OS_USERNAME", "OS_DOMAIN_NAME"],
])("half-set: %j", (env, present, missing) => {
    expect(() => environmentCredentials(env)).toThrow(`${present} is set in the environment, but ${missing} is not`);
    expect(() => environmentCredentials(env)).not.toThrow("PLANTED");
});

test.each([
    " PLANTED",
    "PLANTED\n",
    "PLANTED\r\n",
    "PLAN TED",
    "PLANTED\u0000",
    "PLÄNTED",
    "PLANTED\u200b",
    "PLAN\r\nx-evil: 1",
])("a key %j is refused with the name of its setting, neither corrected nor shown", (value) => {
    expect(() => environmentCredentials({ HW_ACCESS_KEY: "A", HW_SECRET_KEY: value })).toThrow("HW_SECRET_KEY");
    expect(() => environmentCredentials({ HW_AUTH_TOKEN: value })).not.toThrow("PLAN");
});

test("stack configuration has its own names for credentials", () => {
    const config = { "huaweicloud-batch:accessKey": "A", "huaweicloud-batch:secretKey": "S", "other:authToken": "T" };
    expect(shown(configurationCredentials(config))).toMatchObject({
        source: "stack configuration (huaweicloud-batch:accessKey)",
        secrets: ["A", "S"],
    });
    expect(() => configurationCredentials({ "huaweicloud-batch:accessKey": "A" })).toThrow(
        "huaweicloud-batch:secretKey",
    );
    expect(configurationCredentials({})).toBeUndefined();
});

test.each(["inspect", "JSON", "String", "spread"])("no credential is shown by %s", (how) => {
    for (const env of [
        { HW_ACCESS_KEY: "PLANTED", HW_SECRET_KEY: "PLANTED", HW_SECURITY_TOKEN: "PLANTED" },
        { HW_AUTH_TOKEN: "PLANTED" },
        { HW_USER_NAME: "u", HW_DOMAIN_NAME: "d", HW_USER_PASSWORD: "PLANTED" },
    ]) {
        const credentials = environmentCredentials(env);
        const text = {
            inspect: inspect(credentials, { showHidden: true, depth: 9, getters: true }),
            JSON: JSON.stringify(credentials),
            String: Object.values(credentials ?? {}).join(),
            spread: inspect({ ...credentials }, { customInspect: false, showHidden: true }),
        }[how];
        expect(text).not.toContain("PLANTED");
    }
});

describe("KooCLI profile", () => {
    const path = "/home/someone/.hcloud/config.json";
    const read = (file: unknown, wanted?: string, env: Record<string, string> = {}) =>
        readProfile(wanted, env, "/home/someone", async (asked) => {
            if (asked !== (env.HW_SHARED_CONFIG_FILE ?? path) || file === undefined) {
                throw Object.assign(new Error("none"), { code: "ENOENT" });
            }
            return typeof file === "string" ? file : JSON.stringify(file);
        });
    const one = {
        name: "one",
        mode: "AKSK",
        accessKeyId: "AKONE",
        secretAccessKey: "SKONE",
        region: "cn-east-3",
        projectId: "pe",
    };
    const two = { name: "two", mode: "token", xAuthToken: "TTWO", accessKeyId: "AKTWO" };
    const three = {
        name: "three",
        mode: "SSO",
        ssoAuth: { stsToken: { accessKeyId: "AK3", secretAccessKey: "SK3", securityToken: "ST3" } },
    };
    const file = { current: "one", profiles: [one, two, three] };

    test.each<[string | undefined, Record<string, string>, string[]]>([
        [undefined, {}, ["AKONE", "SKONE"]],
        ["two", {}, ["TTWO"]],
        ["three", {}, ["AK3", "SK3", "ST3"]],
        [undefined, { HW_PROFILE: "three" }, ["AK3", "SK3", "ST3"]],
        ["one", { HW_PROFILE: "three" }, ["AKONE", "SKONE"]],
        [undefined, { HW_SHARED_CONFIG_FILE: "/etc/hcloud.json" }, ["AKONE", "SKONE"]],
    ])("profile %j with %j", async (wanted, env, secrets) => {
        const profile = await read(file, wanted, env);
        expect(shown(profile?.credentials)?.secrets).toEqual(secrets);
    });

    test("also gives the place", async () => {
        expect(await read(file)).toMatchObject({ region: { value: "cn-east-3" }, projectId: { value: "pe" } });
    });

    test("a missing file is an error only if a profile was named", async () => {
        expect(await read(undefined)).toBeUndefined();
        await expect(read(undefined, "one")).rejects.toThrow(`${path} can't be read (ENOENT: there is no such file)`);
        await expect(read(undefined, undefined, { HW_PROFILE: "one" })).rejects.toThrow("can't be read");
    });

    test.each<[string, unknown, string]>([
        ["cut short", JSON.stringify(file).slice(0, 80), "cut short or encrypted"],
        ["empty", "", "cut short or encrypted"],
        ["binary", "\u0000\u0001PLANTED", "cut short or encrypted"],
        ["of another shape", { current: "one" }, "cut short or encrypted"],
        ["without the profile", { current: "gone", profiles: [one] }, 'no profile named "gone"'],
        [
            "with encrypted keys",
            { current: "one", profiles: [{ ...one, accessKeyId: "gQ8+PLANTED/x==" }] },
            "encrypted keys",
        ],
        ["of the mode agency", { current: "one", profiles: [{ ...one, mode: "agency" }] }, 'mode "agency"'],
        [
            "of the mode ecsAgency",
            { current: "one", profiles: [{ name: "one", mode: "ecsAgency" }] },
            'mode "ecsAgency"',
        ],
        ["half set", { current: "one", profiles: [{ ...one, secretAccessKey: "" }] }, "secretAccessKey is not"],
        [
            "with nothing in it",
            { current: "one", profiles: [{ name: "one", mode: "AKSK" }] },
            "no credentials of its mode",
        ],
        [
            "logged out of SSO",
            { current: "one", profiles: [{ name: "one", mode: "SSO", ssoAuth: {} }] },
            "log in with hcloud",
        ],
        [
            "with a line break in the key",
            { current: "one", profiles: [{ ...one, secretAccessKey: "PLANTED\n" }] },
            "secretAccessKey",
        ],
    ])("a file %s fails with a clear error", async (_, content, why) => {
        await expect(read(content)).rejects.toMatchObject({ kind: "configuration" });
        await expect(read(content)).rejects.toThrow(why);
        await expect(read(content)).rejects.not.toThrow("PLANTED");
    });
});
