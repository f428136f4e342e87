import { IMAGE_SERVERS, key, oneImageServer, type Place, ProviderProcess, place } from "./provider-process";

/**
 * Wrong and hostile settings of a pipeline. Every case ends in an error that names what to mend, repeats no value
 * that may be secret, and nothing is sent to anybody.
 */

const FILE = "/home/someone/.hcloud/config.json";
const SECRET = "PLANTED0SECRET0VALUE";

type Case = readonly [what: string, place: Place, says: string];

/** A right pipeline but for these variables; an empty one counts as not set. */
const env = (changes: Record<string, string>): Place => ({ env: { ...key, ...place, ...changes } });
const endpoint = (url: string): Place => env({ HUAWEICLOUD_BATCH_ENDPOINT: url });
const config = (changes: Record<string, string>): Place => {
    const named = Object.entries(changes).map(([name, value]) => [`huaweicloud-batch:${name}`, value]);
    return { env: { ...key, ...place }, config: Object.fromEntries(named) };
};
/** Credentials from KooCLI's file alone. */
const profile = (text: string, more: Record<string, string> = {}): Place => ({
    env: { ...place, ...more },
    files: { [FILE]: text },
});
const koo = (one: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    profile(JSON.stringify({ current: "default", profiles: [{ name: "default", mode: "AKSK", ...one }], ...more }));

const environments: readonly Case[] = [
    ["nothing at all", {}, "no credentials: set HW_ACCESS_KEY"],
    [
        "a key without its secret",
        env({ HW_SECRET_KEY: "" }),
        "HW_ACCESS_KEY is set in the environment, but HW_SECRET_KEY is not",
    ],
    [
        "a secret without its key",
        env({ HW_ACCESS_KEY: "" }),
        "HW_SECRET_KEY is set in the environment, but HW_ACCESS_KEY is not",
    ],
    [
        "a key here and its secret under another tool's name",
        { env: { ...place, HW_ACCESS_KEY: "AK", OS_SECRET_KEY: SECRET } },
        "HW_ACCESS_KEY is set in the environment, but HW_SECRET_KEY is not",
    ],
    [
        "a key in the environment and its secret in stack configuration",
        { env: { ...place, HW_ACCESS_KEY: "AK" }, config: { "huaweicloud-batch:secretKey": SECRET } },
        "HW_SECRET_KEY is not",
    ],
    ["a security token alone", { env: { ...place, HW_SECURITY_TOKEN: SECRET } }, "HW_ACCESS_KEY is not"],
    ["a password without its user", { env: { ...place, HW_USER_PASSWORD: SECRET } }, "HW_USER_NAME is not"],
    [
        "a user without password",
        { env: { ...place, HW_USER_NAME: "u", HW_DOMAIN_NAME: "d" } },
        "HW_USER_PASSWORD is not",
    ],
    [
        "a user's name without the account",
        { env: { ...place, HW_USER_NAME: "u", HW_USER_PASSWORD: SECRET } },
        "HW_DOMAIN_NAME is not",
    ],
    [
        "a secret with the line's end pasted in",
        env({ HW_SECRET_KEY: `${SECRET}\n` }),
        "HW_SECRET_KEY begins or ends with white space",
    ],
    [
        "a secret with Windows' line end",
        env({ HW_SECRET_KEY: `${SECRET}\r\n` }),
        "HW_SECRET_KEY begins or ends with white space",
    ],
    [
        "a secret with a header after it",
        env({ HW_SECRET_KEY: `${SECRET}\r\nx-evil: 1` }),
        "HW_SECRET_KEY begins or ends",
    ],
    [
        "a key with a space before",
        env({ HW_ACCESS_KEY: ` ${SECRET}` }),
        "HW_ACCESS_KEY begins or ends with white space",
    ],
    ["a key in quotes and spaces", env({ HW_ACCESS_KEY: `"${SECRET}" x` }), "HW_ACCESS_KEY holds a space"],
    [
        "a secret with a letter that looks alike",
        env({ HW_SECRET_KEY: `${SECRET}\u0430` }),
        "HW_SECRET_KEY holds a space or a character",
    ],
    ["a token with a line break in it", env({ HW_AUTH_TOKEN: `${SECRET}\n${SECRET}` }), "HW_AUTH_TOKEN begins or ends"],
    [
        "a password with a tab at its end",
        { env: { ...place, HW_USER_NAME: "u", HW_DOMAIN_NAME: "d", HW_USER_PASSWORD: `${SECRET}\t` } },
        "HW_USER_PASSWORD begins or ends with white space",
    ],
    ["no region", { env: key }, "no region: give the argument region"],
    [
        "a region with a trailing newline",
        env({ HW_REGION_NAME: "cn-north-4\n" }),
        "HW_REGION_NAME begins or ends with white space",
    ],
    ["a region that is a host", env({ HW_REGION_NAME: "evil.example/" }), "HW_REGION_NAME is not a region's name"],
    ["a region that climbs", env({ HW_REGION_NAME: "../x" }), "HW_REGION_NAME is not a region's name"],
    ["a region of 64 letters", env({ HW_REGION_NAME: "a".repeat(64) }), "HW_REGION_NAME is not a region's name"],
    ["a project id that climbs", env({ HW_PROJECT_ID: "../p2" }), "HW_PROJECT_ID is not a project id"],
    ["a project id with a space", env({ HW_PROJECT_ID: "p1 " }), "HW_PROJECT_ID begins or ends with white space"],
    ["a cloud that is a URL", env({ HW_CLOUD: "https://evil.example/" }), "HW_CLOUD is not a domain"],
    ["a cloud with a user in it", env({ HW_CLOUD: "a@evil.example" }), "HW_CLOUD is not a domain"],
    [
        "a profile's file that is not there",
        { env: { ...place, HW_SHARED_CONFIG_FILE: "/nowhere" } },
        "/nowhere can't be read (ENOENT: there is no such file)",
    ],
    [
        "a profile by name and no file",
        { env: { ...place, HW_PROFILE: "prod" } },
        "can't be read (ENOENT: there is no such file)",
    ],
];

const endpoints: readonly Case[] = [
    ["http to another host", endpoint("http://roma.cn-north-4.myhuaweicloud.com"), "must begin with https://"],
    ["http to a host that begins like loopback", endpoint("http://127.0.0.1.evil.example"), "must begin with https://"],
    ["http to localhost's namesake", endpoint("http://localhost.evil.example"), "must begin with https://"],
    ["http to every address", endpoint("http://0.0.0.0:8080"), "must begin with https://"],
    ["http to the metadata service", endpoint("http://169.254.169.254"), "must begin with https://"],
    ["http to loopback dressed as IPv6", endpoint("http://[::ffff:127.0.0.1]"), "must begin with https://"],
    ["another protocol", endpoint("ftp://127.0.0.1"), "must begin with https://"],
    ["a file", endpoint("file:///etc/passwd"), "is not a URL"],
    ["a script", endpoint("javascript:alert(1)"), "is not a URL"],
    ["credentials in it", endpoint(`https://user:${SECRET}@127.0.0.1`), "holds credentials"],
    ["a user alone in it", endpoint(`https://${SECRET}@127.0.0.1`), "holds credentials"],
    ["another host behind a backslash", endpoint("https://evil.example\\@127.0.0.1"), "holds credentials"],
    ["a path", endpoint("https://127.0.0.1/v1"), "must not have a path"],
    ["a path that climbs", endpoint("https://127.0.0.1/a/%2e%2e/b"), "must not have a path"],
    ["a query", endpoint(`https://127.0.0.1?token=${SECRET}`), "must not have a query or a fragment"],
    ["an empty query", endpoint("https://127.0.0.1?"), "must not have a query or a fragment"],
    ["a fragment", endpoint("https://127.0.0.1#x"), "must not have a query or a fragment"],
    ["no protocol", endpoint("127.0.0.1:8080"), "is not a URL"],
    ["a host alone", endpoint("roma.cn-north-4.myhuaweicloud.com"), "is not a URL"],
    ["a port that is none", endpoint("https://127.0.0.1:99999"), "is not a URL"],
    ["a trailing newline", endpoint("https://127.0.0.1\n"), "begins or ends with white space"],
    ["words", endpoint("the usual one"), "is not a URL"],
    [
        "a wrong one for the service beside a right one for all",
        env({
            HUAWEICLOUD_BATCH_ENDPOINT: "https://127.0.0.1",
            HUAWEICLOUD_BATCH_ENDPOINT_WORKSPACEAPP: "http://evil.example",
        }),
        "HUAWEICLOUD_BATCH_ENDPOINT_WORKSPACEAPP must begin with https://",
    ],
    [
        "stack configuration that points elsewhere",
        config({ endpoint: "https://evil.example" }),
        "endpoint names a host outside myhuaweicloud.com",
    ],
    [
        "the same for the service alone",
        config({ endpointWorkspaceapp: "https://evil.example" }),
        "endpointWorkspaceapp names a host outside",
    ],
    ["a host that ends like the cloud", config({ endpoint: "https://evilmyhuaweicloud.com" }), "names a host outside"],
    [
        "a host that begins like the cloud",
        config({ endpoint: "https://a.myhuaweicloud.com.evil.example" }),
        "names a host outside",
    ],
    ["stack configuration with http", config({ endpoint: "http://a.myhuaweicloud.com" }), "must begin with https://"],
    [
        "stack configuration that sends the password elsewhere",
        {
            env: { HW_REGION_NAME: "cn-north-4", HW_USER_NAME: "u", HW_DOMAIN_NAME: "d", HW_USER_PASSWORD: SECRET },
            config: { "huaweicloud-batch:endpointIam": "https://evil.example" },
        },
        "endpointIam names a host outside",
    ],
];

const profiles: readonly Case[] = [
    ["empty", profile(""), "is not a KooCLI configuration file"],
    [
        "cut short",
        profile('{"current":"default","profiles":[{"name":"default","accessKey'),
        "it may be cut short or encrypted",
    ],
    ["encrypted as a whole", profile("aGVsbG8gd29ybGQ="), "it may be cut short or encrypted"],
    ["binary", profile("\u0000\u0001\ufffd"), "is not a KooCLI configuration file"],
    ["of another tool", profile("[default]\naws_access_key_id = x"), "is not a KooCLI configuration file"],
    ["JSON of another shape", profile('{"profiles":{"default":{}}}'), "is not a KooCLI configuration file"],
    ["without profiles", profile('{"current":"default","profiles":[]}'), 'has no profile named "default"'],
    [
        "current names none",
        koo({ accessKeyId: "AK", secretAccessKey: SECRET }, { current: "prod" }),
        'has no profile named "prod"',
    ],
    [
        "the named one is missing",
        profile(JSON.stringify({ profiles: [{ name: "default", accessKeyId: "AK", secretAccessKey: SECRET }] }), {
            HW_PROFILE: "prod",
        }),
        'has no profile named "prod"',
    ],
    [
        "with encrypted keys",
        koo({ accessKeyId: `${SECRET}/+==`, secretAccessKey: `${SECRET}/+==` }),
        "holds encrypted keys",
    ],
    ["of a mode nobody knows", koo({ mode: "ecsAgency" }), 'has the mode "ecsAgency": only AKSK, token and SSO'],
    ["without keys", koo({}), "holds no credentials of its mode, AKSK"],
    ["with half a key", koo({ accessKeyId: "AK" }), "secretAccessKey is not"],
    ["of mode token without one", koo({ mode: "token" }), "holds no credentials of its mode, token"],
    ["of SSO before its login", koo({ mode: "SSO" }), "log in with hcloud first"],
    [
        "of SSO with an empty token",
        koo({ mode: "SSO", ssoAuth: { stsToken: { accessKeyId: "" } } }),
        "log in with hcloud first",
    ],
    [
        "whose secret has a line break",
        koo({ accessKeyId: "AK", secretAccessKey: `${SECRET}\n` }),
        "begins or ends with white space",
    ],
];

describe.each([
    ["environment", environments],
    ["endpoint", endpoints],
    ["KooCLI profile", profiles],
])("%s", (_, cases) => {
    test.each(cases)("%s", async (_, setUp, says) => {
        const provider = new ProviderProcess(setUp);
        const ended = await provider.up(IMAGE_SERVERS, oneImageServer);
        expect(ended.is).toBe("failed");
        expect(ended).toMatchObject({ kept: undefined, text: expect.stringContaining(says) });
        const text = "text" in ended ? ended.text : "";
        expect(text).not.toContain(SECRET);
        expect(text).toMatch(/^[^\p{Cc}]{1,600}$/u);
        expect(provider.sent).toEqual([]);
    });
});

test("the argument profile is that profile or nothing: a key in the environment does not stand in", async () => {
    const provider = new ProviderProcess(env({}));
    const ended = await provider.up(IMAGE_SERVERS, { ...oneImageServer, profile: "prod" });
    expect(ended).toMatchObject({
        is: "failed",
        text: expect.stringContaining("can't be read (ENOENT: there is no such file)"),
    });
    expect(provider.sent).toEqual([]);
});

describe("a state that was tampered with", () => {
    const recorded = async () => {
        const provider = new ProviderProcess(env({}));
        const ended = await provider.up(IMAGE_SERVERS, { ...oneImageServer, when: "destroy" });
        if (ended.is !== "done") {
            throw new Error("not recorded");
        }
        return ended.outputs;
    };
    const states: ReadonlyArray<readonly [what: string, changes: Record<string, unknown>]> = [
        ["another host as its region", { place: { region: "x.evil.example/", projectId: "p1" } }],
        ["another host behind a fragment", { place: { region: "evil.example#", projectId: "p1" } }],
        ["a user in its region", { place: { region: "a@evil.example:1", projectId: "p1" } }],
        ["a project that climbs", { place: { region: "cn-north-4", projectId: "../p2" } }],
        ["no place", { place: undefined }],
        ["a place that is text", { place: "cn-north-4" }],
        ["a newer schema", { schemaVersion: 3 }],
        ["a schema that is text", { schemaVersion: "1" }],
        ["no schema", { schemaVersion: undefined }],
        ["remaining as text", { remaining: "1" }],
    ];
    test.each(states)("%s", async (_, changes) => {
        const outputs = { ...(await recorded()), ...changes };
        for (const identity of [env({}), { env: { HW_USER_ID: "u", HW_USER_PASSWORD: SECRET } }]) {
            const provider = new ProviderProcess(identity);
            expect(await provider.refresh("id", outputs)).toMatchObject({
                is: "failed",
                text: expect.stringContaining("nothing was sent"),
            });
            expect(await provider.destroy("id", outputs)).toMatchObject({
                is: "failed",
                text: expect.stringContaining("nothing was sent"),
            });
            const news = { ...oneImageServer, imageServerIds: ["server-2"] };
            expect((await provider.update("id", outputs, IMAGE_SERVERS, news)).is).toBe("failed");
            expect(provider.sent).toEqual([]);
        }
    });

    test.each([
        ["a path", "../../image-servers/other"],
        ["dots", ".."],
    ])("an id that is %s", async (_, id) => {
        const provider = new ProviderProcess(env({}));
        await provider.destroy("id", { ...(await recorded()), imageServerIds: [id] });
        expect(
            provider.sent.filter(({ url }) => !/^https:\/\/[^/]+\/v1\/p1\/image-servers[?/][^/]*$/.test(url)),
        ).toEqual([]);
    });
});

test.each(["banana", "0s", "60", " 1h", "9000h"])("HUAWEICLOUD_BATCH_TIMEOUT=%s at destroy", async (timeout) => {
    const recording = await new ProviderProcess(env({})).up(IMAGE_SERVERS, { ...oneImageServer, when: "destroy" });
    const provider = new ProviderProcess(env({ HUAWEICLOUD_BATCH_TIMEOUT: timeout }));
    const ended = await provider.destroy("id", recording.is === "done" ? recording.outputs : {});
    expect(ended).toMatchObject({ is: "failed", text: expect.stringContaining("HUAWEICLOUD_BATCH_TIMEOUT: ") });
    expect(provider.sent).toEqual([]);
});
