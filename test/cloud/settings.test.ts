import { environmentCredentials } from "../../src/cloud/auth/credentials";
import { configurationProblem, unknownVariables } from "../../src/cloud/settings/known";
import { serviceNames } from "../../src/services/registry";
import { change, cloudError, fakeCloud, here, json, keys, never, read, roma, unreached } from "./fake-cloud";

/**
 * Every variable that users of that cloud's other tools set: honoured, refused by name before anything is sent (where it would change
 * who acts, where, or how safely), or of no meaning here, with the reason.
 */

const ok = json({ n: 1, job_id: "j1" });
const FILE = "/home/someone/.hcloud/config.json";
const profile = (more: object) => ({
    [FILE]: JSON.stringify({
        current: "dev",
        profiles: [
            {
                name: "dev",
                mode: "AKSK",
                accessKeyId: "AKDEV",
                secretAccessKey: "SKDEV",
                region: "cn-east-3",
                projectId: "dev-p",
                ...more,
            },
            { name: "two", mode: "AKSK", accessKeyId: "AKTWO", secretAccessKey: "SKTWO" },
        ],
    }),
});

describe("unsupported settings are refused by name before anything is sent, with and without a stored place", () => {
    test.each<[string, string]>([
        ["HW_ASSUME_ROLE_AGENCY_NAME", "ops"],
        ["HW_ASSUME_ROLE_DOMAIN_NAME", "account"],
        ["HW_ASSUME_ROLE_DOMAIN_ID", "d1"],
        ["HW_ASSUME_ROLE_DURATION", "3600"],
        ["HW_ASSUME_ROLE_IDP_ID", "idp"],
        ["HW_ASSUME_ROLE_ID_TOKEN", "PLANTED"],
        ["HW_ASSUME_ROLE_ID_TOKEN_FILE", "/token"],
        ["OS_AGENCY_NAME", "ops"],
        ["OS_AGENCY_DOMAIN_NAME", "account"],
        ["OS_DELEGATED_PROJECT", "cn-north-4"],
        ["HUAWEICLOUD_SDK_IDP_ID", "idp"],
        ["HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/token"],
        ["HUAWEICLOUD_OIDC_PROVIDER_URN", "iam::d1:oidcProvider:github"],
        ["HUAWEICLOUD_OIDC_AGENCY_URN", "iam::d1:agency:ops"],
        ["HUAWEICLOUD_OIDC_ID_TOKEN", "PLANTED"],
        ["HUAWEICLOUD_OIDC_TOKEN_FILE", "/token"],
        ["HW_INSECURE", "true"],
        ["HW_INSECURE", "1"],
        ["OS_INSECURE", "t"],
        ["NODE_TLS_REJECT_UNAUTHORIZED", "0"],
        ["OS_CERT", "/cert.pem"],
        ["OS_KEY", "/key.pem"],
        ["HW_SIGNING_ALGORITHM", "HmacSM3"],
        ["HUAWEICLOUD_SDK_REGIONS_FILE", "/regions.yaml"],
        ["HUAWEICLOUD_SDK_REGION_ROMA_CN_NORTH_4", "https://PLANTED.example.com"],
        ["HUAWEICLOUD_BATCH_ENDPOINT_VIAS", "http://PLANTED.example.com"],
        ["HW_CLOUD", "https://PLANTED.example.com/"],
        ["HW_AUTH_URL", "http://PLANTED.example.com"],
        ["OS_AUTH_URL", "http://PLANTED.example.com"],
        ["HUAWEICLOUD_SDK_IAM_ENDPOINT", "http://PLANTED.example.com"],
        ["HUAWEICLOUD_SDK_SECURITY_TOKEN", "PLANTED"],
        ["HW_PROFILE", "dev"],
        ["HW_SHARED_CONFIG_FILE", FILE],
    ])("%s=%s", async (name, value) => {
        const env = { ...keys, HW_REGION_NAME: "cn-north-4", [name]: value };
        const stored = { region: "cn-north-4", projectId: "p1" };
        for (const request of [{}, { stored }]) {
            const { cloud, network } = fakeCloud([ok], { env, files: profile({}) });
            const failure = await cloudError(cloud.connect(request, {}, never));
            expect(failure.kind).toBe("configuration");
            expect(failure.message).toContain(name);
            expect(failure.message).not.toContain("PLANTED");
            expect(failure.message).not.toContain("\n");
            expect(network.requests).toEqual([]);
        }
        // An empty one counts as not set, as build services leave them.
        const { cloud } = fakeCloud([ok], { env: { ...keys, ...here, [name]: "" } });
        await expect(cloud.connect({}, {}, never)).resolves.toBeDefined();
    });

    test.each(["HUAWEICLOUD_SDK_CREDENTIALS_FILE", "OS_CLOUD", "OS_APPLICATION_CREDENTIAL_ID"])(
        "%s is refused if the environment holds no other credentials, and no other source is used instead",
        async (name) => {
            const config = { "huaweicloud-batch:accessKey": "A", "huaweicloud-batch:secretKey": "S" };
            const { cloud, network } = fakeCloud([ok], { env: { ...here, [name]: "x" }, files: profile({}) });
            expect((await cloudError(cloud.connect({}, config, never))).message).toContain(name);
            expect(network.requests).toEqual([]);
            const keyed = fakeCloud([ok], { env: { ...keys, ...here, [name]: "x" } });
            await expect(keyed.cloud.connect({}, {}, never)).resolves.toBeDefined();
        },
    );

    test.each<[string, object, string]>([
        ["an agency in an AKSK profile", { agencyName: "ops", agencyDomainName: "account" }, "agencyName"],
        ["certificates not to be verified", { skipSecureVerify: "true" }, "skipSecureVerify"],
        ["certificates not to be verified, as a boolean", { skipSecureVerify: true }, "skipSecureVerify"],
        ["mode AssumeRole", { mode: "AssumeRole", agencyName: "ops" }, "AssumeRole"],
        ["mode agency", { mode: "agency" }, "agency"],
        ["mode ecsAgency", { mode: "ecsAgency" }, "ecsAgency"],
    ])("a profile with %s", async (_, more, name) => {
        const { cloud, network } = fakeCloud([ok], { env: {}, files: profile(more) });
        expect((await cloudError(cloud.connect({ profile: "dev" }, {}, never))).message).toContain(name);
        expect(network.requests).toEqual([]);
    });

    test.each<[string, Record<string, string>]>([
        ["HW_PROJECT_NAME", { HW_PROJECT_NAME: "team" }],
        ["OS_PROJECT_NAME", { OS_PROJECT_NAME: "cn-east-3_team" }],
        ["OS_TENANT_NAME", { OS_TENANT_NAME: "team" }],
    ])("a project name that no project of the region can have is refused: %s", async (name, more) => {
        const { cloud, network } = fakeCloud([ok], { env: { ...keys, HW_REGION_NAME: "cn-north-4", ...more } });
        expect((await cloudError(cloud.connect({}, {}, never))).message).toContain(name);
        expect(network.requests).toEqual([]);
    });
});

test.each<[string, Record<string, string>, string]>([
    [
        "HW_SIGNING_ALGORITHM, the one there is",
        { HW_SIGNING_ALGORITHM: "HmacSHA256" },
        "that is how requests are signed",
    ],
    ["HW_INSECURE=false", { HW_INSECURE: "false", OS_INSECURE: "0" }, "certificates are verified"],
    ["HW_MAX_RETRIES", { HW_MAX_RETRIES: "0" }, "how often is this package's own rule, in the limits of timeout"],
    [
        "HW_DOMAIN_ID beside keys",
        { HW_DOMAIN_ID: "d", HW_DOMAIN_NAME: "n", HUAWEICLOUD_SDK_DOMAIN_ID: "d" },
        "a key has its account",
    ],
    ["HW_ENTERPRISE_PROJECT_ID beside ids", { HW_ENTERPRISE_PROJECT_ID: "e" }, "ids name their targets"],
    [
        "Terraform's own",
        {
            HW_ENABLE_FORCE_NEW: "true",
            SKIP_CHECK_WEBSITE_TYPE: "true",
            SKIP_CHECK_UPGRADE: "true",
            HW_TF_CUSTOM_UA: "x",
        },
        "they are Terraform's",
    ],
    [
        "the Node SDK's class",
        { HUAWEICLOUD_SDK_TYPE: "BasicCredentials", HUAWEICLOUD_SDK_STS_ENDPOINT: "x" },
        "no such service is called",
    ],
    [
        "a pod's identity beside keys",
        { HC_CONTAINER_CREDENTIALS_FULL_URI: "http://x" },
        "it comes after keys in the SDKs too",
    ],
    ["endpoints of other services", { HUAWEICLOUD_SDK_REGION_ECS_CN_NORTH_4: "https://x" }, "they are not called"],
])("a setting without a meaning here is ignored: %s", async (_, more) => {
    const { cloud, clock, network } = fakeCloud([ok], { env: { ...keys, ...here, ...more } });
    const connection = await cloud.connect({}, {}, never);
    await clock.run(connection.client(roma).send(read, never));
    expect(network.requests[0]).toMatchObject({
        url: "https://roma.cn-north-4.myhuaweicloud.com/v2/p/apps",
        headers: { authorization: expect.stringContaining("SDK-HMAC-SHA256 Access=AKEXAMPLE,") },
    });
});

test("the variables of the vendor's GitHub action and the other names of IAM's address are read", async () => {
    const env = {
        HUAWEI_CLOUD_ACCESS_KEY_ID: "AKACTION",
        HUAWEI_CLOUD_SECRET_ACCESS_KEY: "SK",
        HUAWEI_CLOUD_REGION: "cn-north-4",
        HUAWEI_CLOUD_PROJECT_ID: "pa",
    };
    expect(environmentCredentials(env)?.source).toBe("the environment (HUAWEI_CLOUD_ACCESS_KEY_ID)");
    const { cloud } = fakeCloud([ok], { env });
    expect((await cloud.connect({}, {}, never)).place).toEqual({
        region: "cn-north-4",
        projectId: "pa",
        regionFrom: { kind: "environment", name: "HUAWEI_CLOUD_REGION" },
        projectFrom: { kind: "environment", name: "HUAWEI_CLOUD_PROJECT_ID" },
    });
    for (const name of ["HW_AUTH_URL", "OS_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT"]) {
        const projects = json({ projects: [{ id: "px", name: "cn-north-4" }] });
        const other = fakeCloud([projects], {
            env: { ...keys, HW_REGION_NAME: "cn-north-4", [name]: "https://iam.example.com/v3" },
        });
        await other.clock.run(other.cloud.connect({}, {}, never));
        expect(other.network.requests[0]?.url).toMatch(/^https:\/\/iam\.example\.com\/v3\/projects/);
    }
});

describe("a profile that stack configuration names", () => {
    const config = { "huaweicloud-batch:profile": "dev", "huaweicloud-batch:region": "cn-south-1" };

    test("is the only source of credentials and place, like the argument, and is not stored", async () => {
        const { cloud, clock, network } = fakeCloud([ok], { env: { ...keys, ...here }, files: profile({}) });
        const connection = await cloud.connect({}, config, never);
        expect(connection.place).toEqual({
            region: "cn-east-3",
            projectId: "dev-p",
            regionFrom: { kind: "profile", name: "dev" },
            projectFrom: { kind: "profile", name: "dev" },
        });
        await clock.run(connection.client(roma).send(read, never));
        expect(network.requests[0]?.headers.authorization).toContain("Access=AKDEV,");
    });

    test("acts in a stored place without changing it, and the argument, stored or new, comes first", async () => {
        const { cloud, clock, network } = fakeCloud([ok], { env: { ...keys, ...here }, files: profile({}) });
        const stored = { region: "cn-north-4", projectId: "kept" };
        const connection = await cloud.connect({ stored }, config, never);
        expect(connection.place).toEqual(stored);
        await clock.run(connection.client(roma).send(read, never));
        const mine = await cloud.connect({ stored: { ...stored, profile: "two" } }, config, never);
        await clock.run(mine.client(roma).send(read, never));
        const argued = await cloud.connect({ region: "cn-north-4", projectId: "p", profile: "two" }, config, never);
        await clock.run(argued.client(roma).send(read, never));
        const access = network.requests.map(({ headers }) => /Access=(\w+)/.exec(headers.authorization ?? "")?.[1]);
        expect(access).toEqual(["AKDEV", "AKTWO", "AKTWO"]);
    });

    test("that does not exist is an error that names the key, and no other source is used instead", async () => {
        const { cloud, network } = fakeCloud([ok], { env: { ...keys, ...here }, files: profile({}) });
        const failure = await cloudError(cloud.connect({}, { "huaweicloud-batch:profile": "gone" }, never));
        expect(failure.message).toContain('no profile named "gone", which huaweicloud-batch:profile names');
        expect(network.requests).toEqual([]);
    });

    test.each(["accessKey", "secretKey", "securityToken", "authToken", "userName", "userId", "password"])(
        "contradicts %s and is refused",
        async (key) => {
            const { cloud } = fakeCloud([ok], { env: here, files: profile({}) });
            const failure = await cloudError(
                cloud.connect({}, { ...config, [`huaweicloud-batch:${key}`]: "x" }, never),
            );
            expect(failure.message).toContain(`huaweicloud-batch:profile and huaweicloud-batch:${key} are both set`);
        },
    );
});

test("HW_PROFILE comes before stack configuration, like the whole environment", async () => {
    const config = { "huaweicloud-batch:accessKey": "AKCONF", "huaweicloud-batch:secretKey": "S" };
    const { cloud, clock, network } = fakeCloud([ok], { env: { ...here, HW_PROFILE: "two" }, files: profile({}) });
    const connection = await cloud.connect({}, config, never);
    await clock.run(connection.client(roma).send(read, never));
    expect(network.requests[0]?.headers.authorization).toContain("Access=AKTWO,");
});

describe("a cloud that stack configuration names", () => {
    const to = async (cloudName: string, more: Record<string, string> = {}) => {
        const { cloud, clock, network } = fakeCloud([ok], { env: { ...keys, ...here, ...more } });
        const connection = await cloud.connect({}, { "huaweicloud-batch:cloud": cloudName }, never);
        await clock.run(connection.client(roma).send(read, never));
        return network.requests[0]?.url;
    };

    test("is used if it is one of the cloud's own domains", async () => {
        expect(await to("myhuaweicloud.eu")).toBe("https://roma.cn-north-4.myhuaweicloud.eu/v2/p/apps");
        expect(await to("MyHuaweiCloud.com")).toBe("https://roma.cn-north-4.myhuaweicloud.com/v2/p/apps");
        expect(await to("myhuaweicloud.eu", { HW_CLOUD: "cloud.example.com" })).toContain(".cloud.example.com/");
    });

    test.each([
        "evil.example.com",
        "myhuaweicloud.com.evil.example",
        "evilmyhuaweicloud.com",
        "x.myhuaweicloud.com",
        "com",
    ])("is refused if it is another domain: %s", async (name) => {
        await expect(to(name)).rejects.toThrow("huaweicloud-batch:cloud");
    });
});

describe("names that nothing reads", () => {
    test("unknown and empty keys of stack configuration are reported with the nearest known key and without their values", () => {
        const warning = configurationProblem(
            {
                "huaweicloud-batch:regoin": "PLANTED",
                "huaweicloud-batch:access_key": "PLANTED",
                "huaweicloud-batch:profile": "",
                "huaweicloud-batch:region": "cn-north-4",
            },
            serviceNames,
        );
        expect(warning).toContain("huaweicloud-batch:regoin is not known (did you mean huaweicloud-batch:region?)");
        expect(warning).toContain(
            "huaweicloud-batch:access_key is not known (did you mean huaweicloud-batch:accessKey?)",
        );
        expect(warning).toContain("huaweicloud-batch:profile is empty");
        expect(warning).not.toContain("PLANTED");
        expect(
            configurationProblem({ "huaweicloud-batch:endpointVias": "http://localhost:1" }, serviceNames),
        ).toBeUndefined();
    });

    test("unknown variables with the package's prefix are reported with the nearest known one", () => {
        const warning = unknownVariables(
            {
                HUAWEICLOUD_BATCH_TIMEOTU: "PLANTED",
                HUAWEICLOUD_BATCH_ENDPOINT_WORKSPACE: "x",
                HUAWEICLOUD_BATCH_TIMEOUT: "1h",
                HUAWEICLOUD_BATCH_ENDPOINT_IAM: "x",
                HW_WHATEVER: "x",
            },
            serviceNames,
        );
        expect(warning).toContain("HUAWEICLOUD_BATCH_TIMEOTU (did you mean HUAWEICLOUD_BATCH_TIMEOUT?)");
        expect(warning).toContain(
            "HUAWEICLOUD_BATCH_ENDPOINT_WORKSPACE (did you mean HUAWEICLOUD_BATCH_ENDPOINT_WORKSPACEAPP?)",
        );
        expect(warning).not.toContain("PLANTED");
        expect(unknownVariables({ HUAWEICLOUD_BATCH_TIMEOUT: "1h" }, serviceNames)).toBeUndefined();
    });
});

describe("refused credentials are reported with their source and what to do", () => {
    const wrong = (date?: string) =>
        json(
            { error_code: "APIGW.0301", error_msg: "verify aksk signature fail" },
            401,
            date === undefined ? {} : { date },
        );
    const config = { "huaweicloud-batch:accessKey": "AKCONF", "huaweicloud-batch:secretKey": "SKPLANTED" };
    const refused = async (
        options: Parameters<typeof fakeCloud>[1],
        configuration: Record<string, string>,
        reply = wrong(),
    ) => {
        const { cloud, clock } = fakeCloud([reply], options);
        const connection = await cloud.connect({}, configuration, never);
        const first = await clock.run(cloudError(connection.client(roma).send(read, never)));
        const later = await clock.run(cloudError(connection.client(roma).send<unknown>(change, never)));
        expect(later.detail).toContain(first.detail);
        return first.message;
    };

    test("from the environment: check them and this machine's clock", async () => {
        const message = await refused({ env: { ...keys, ...here } }, {});
        expect(message).toContain("the environment (HW_ACCESS_KEY): check them, and this machine's clock");
    });

    test("the clock is named only if it is wrong, when the cloud's answer has a time", async () => {
        const env = { ...keys, ...here };
        expect(await refused({ env }, {}, wrong("Sat, 21 Nov 2026 00:00:00 GMT"))).not.toContain("clock");
        expect(await refused({ env }, {}, wrong("Fri, 20 Nov 2026 23:30:00 GMT"))).toContain(
            "30 minutes ahead of the cloud's",
        );
        expect(await refused({ env: { ...here, HW_AUTH_TOKEN: "T" } }, {})).not.toContain("clock");
    });

    test("from stack configuration that may be the last up's: three remedies, and no mention of clocks", async () => {
        const message = await refused({ env: here, configurationAge: () => "perhapsOfLastUp" }, config);
        for (const words of ["huaweicloud-batch:accessKey", "`pulumi up` first", "--run-program", "HW_ACCESS_KEY"]) {
            expect(message).toContain(words);
        }
        expect(message).not.toContain("clock");
        expect(message).not.toContain("SKPLANTED");
        expect(await refused({ env: here }, config)).not.toContain("--run-program");
    });

    test("also for 403", async () => {
        const { cloud, clock } = fakeCloud([json({ error_code: "X.1", error_msg: "no permission." }, 403)]);
        const connection = await cloud.connect({}, {}, never);
        const failure = await clock.run(cloudError(connection.client(roma).send(read, never)));
        expect(failure.message).toContain(
            "no permission; asked with the credentials from the environment (HW_ACCESS_KEY)",
        );
    });
});

test.each<[string, (cloud: ReturnType<typeof fakeCloud>["cloud"]) => Promise<unknown>[]]>([
    ["at once", (cloud) => Array.from({ length: 5 }, () => cloud.connect({}, {}, never))],
    ["one after the other", (cloud) => [cloud.connect({}, {}, never)]],
])("a refused look-up of a project is sent once, and the error names the remedy: %s", async (_, connect) => {
    const refusal = json({ error: { code: "403", message: "You are not authorized", title: "Forbidden" } }, 403);
    const { cloud, clock, network } = fakeCloud([refusal], { env: { ...keys, HW_REGION_NAME: "cn-north-4" } });
    for (let n = 0; n < 3; n += 1) {
        for (const failure of await clock.run(Promise.all(connect(cloud).map(cloudError)))) {
            for (const words of [
                "You are not authorized",
                "projectId",
                "HW_PROJECT_ID",
                "huaweicloud-batch:projectId",
            ]) {
                expect(failure.message).toContain(words);
            }
        }
    }
    expect(network.requests).toHaveLength(1);
});

describe("an unreachable host is reported with what to check", () => {
    test.each<[string, Record<string, string>, Record<string, string>, string]>([
        [
            "a variable",
            { HUAWEICLOUD_BATCH_ENDPOINT: "http://127.0.0.1:9" },
            {},
            "that HUAWEICLOUD_BATCH_ENDPOINT names",
        ],
        [
            "stack configuration",
            {},
            { "huaweicloud-batch:endpointRoma": "http://127.0.0.1:9" },
            "that huaweicloud-batch:endpointRoma names",
        ],
        ["the region", {}, {}, "the region's name, cn-north-4"],
    ])("the message names the source of the address: %s", async (_, more, config, words) => {
        const { cloud, clock } = fakeCloud([unreached], { env: { ...keys, ...here, ...more } });
        const connection = await cloud.connect({}, config, never);
        const failure = await clock.run(cloudError(connection.client(roma).send(read, never)));
        expect(failure.message).toContain("connect ECONNREFUSED");
        expect(failure.message).toContain(words);
    });
});

describe("a process without a home directory", () => {
    test("does not fail if the profile file is not needed", async () => {
        const { cloud } = fakeCloud([ok], { homeDir: undefined });
        await expect(cloud.connect({}, {}, never)).resolves.toBeDefined();
        const elsewhere = fakeCloud([ok], {
            homeDir: undefined,
            env: { HW_SHARED_CONFIG_FILE: FILE },
            files: profile({}),
        });
        await expect(elsewhere.cloud.connect({ profile: "dev" }, {}, never)).resolves.toBeDefined();
    });

    test("fails with a message about the home if the profile file is needed", async () => {
        for (const request of [{}, { profile: "dev" }]) {
            const { cloud } = fakeCloud([ok], { homeDir: undefined, env: here });
            expect((await cloudError(cloud.connect(request, {}, never))).message).toContain("HOME is not set");
        }
    });
});
