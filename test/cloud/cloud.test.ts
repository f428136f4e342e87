import { inspect } from "node:util";
import type { WireRequest } from "../../src/cloud/http/transport";
import {
    change,
    cloudError,
    fakeCloud,
    here,
    json,
    keys,
    never,
    type Reply,
    read,
    roma,
    throttled,
} from "./fake-cloud";

const projects = (...names: string[]) =>
    json({ projects: names.map((name, i) => ({ id: `id-${name}-${i}`, name, enabled: true })), links: {} });
const ok = json({ n: 1, job_id: "j1" });

describe("the place", () => {
    const file = "/home/someone/.hcloud/config.json";
    const profiles = {
        [file]: JSON.stringify({
            current: "dev",
            profiles: [
                {
                    name: "dev",
                    mode: "AKSK",
                    accessKeyId: "AKDEV",
                    secretAccessKey: "SKDEV",
                    region: "cn-east-3",
                    projectId: "dev-p",
                },
                { name: "bare", mode: "AKSK", accessKeyId: "AKBARE", secretAccessKey: "SKBARE" },
            ],
        }),
    };
    const config = { "huaweicloud-batch:region": "cn-south-1", "huaweicloud-batch:projectId": "conf-p" };

    test.each<[string, object, Record<string, string>, Record<string, string>, object, string]>([
        [
            "arguments",
            { region: "cn-east-3", projectId: "arg-p" },
            { ...keys, ...here },
            config,
            { region: "cn-east-3", projectId: "arg-p" },
            "argument region, argument projectId",
        ],
        [
            "the environment",
            {},
            { ...keys, ...here },
            config,
            { region: "cn-north-4", projectId: "p1" },
            "environment HW_REGION_NAME, environment HW_PROJECT_ID",
        ],
        [
            "OS names",
            {},
            { ...keys, OS_REGION_NAME: "cn-north-4", OS_TENANT_ID: "t1" },
            {},
            { region: "cn-north-4", projectId: "t1" },
            "environment OS_REGION_NAME, environment OS_TENANT_ID",
        ],
        [
            "stack configuration",
            {},
            keys,
            config,
            { region: "cn-south-1", projectId: "conf-p" },
            "configuration huaweicloud-batch:region, configuration huaweicloud-batch:projectId",
        ],
        ["the current profile", {}, {}, {}, { region: "cn-east-3", projectId: "dev-p" }, "profile dev, profile dev"],
        [
            "a profile alone",
            { profile: "dev" },
            { ...keys, ...here },
            config,
            { region: "cn-east-3", projectId: "dev-p", profile: "dev" },
            "profile dev, profile dev",
        ],
        [
            "an SDK project id goes with the only region there is",
            {},
            { ...keys, HUAWEICLOUD_SDK_PROJECT_ID: "s" },
            { "huaweicloud-batch:region": "cn-south-1" },
            { region: "cn-south-1", projectId: "s" },
            "configuration huaweicloud-batch:region, environment HUAWEICLOUD_SDK_PROJECT_ID",
        ],
        [
            "an argument that names the environment's region keeps its project",
            { region: "cn-north-4" },
            { ...keys, ...here },
            {},
            { region: "cn-north-4", projectId: "p1" },
            "argument region, environment HW_PROJECT_ID",
        ],
    ])("from %s, without a look-up", async (_, request, env, configuration, place, from) => {
        const { cloud, network } = fakeCloud([ok], { env, files: profiles });
        const { regionFrom, projectFrom, ...found } = (await cloud.connect(request, configuration, never)).place;
        expect(found).toEqual(place);
        expect([regionFrom, projectFrom].map((from) => `${from?.kind} ${from?.name}`).join(", ")).toBe(from);
        expect(network.requests).toHaveLength(0);
    });

    test.each<[string, object, Record<string, string>, Record<string, string>, string, string]>([
        ["no id is known", {}, { ...keys, HW_REGION_NAME: "cn-north-4" }, {}, "cn-north-4", "cn-north-4"],
        [
            "the environment's id belongs to another region",
            { region: "cn-east-3" },
            { ...keys, ...here },
            {},
            "cn-east-3",
            "cn-east-3",
        ],
        [
            "the environment's id belongs to an unknown region",
            { region: "cn-east-3" },
            { ...keys, HUAWEICLOUD_SDK_PROJECT_ID: "s" },
            {},
            "cn-east-3",
            "cn-east-3",
        ],
        [
            "the configured id belongs to another region",
            {},
            { ...keys, HW_REGION_NAME: "cn-north-4" },
            config,
            "cn-north-4",
            "cn-north-4",
        ],
        [
            "a project's name is given",
            {},
            { ...keys, HW_REGION_NAME: "cn-north-4", HW_PROJECT_NAME: "cn-north-4_team" },
            {},
            "cn-north-4",
            "cn-north-4_team",
        ],
        [
            "a project's name belongs to another region",
            { region: "cn-east-3" },
            { ...keys, OS_PROJECT_NAME: "cn-north-4_team" },
            {},
            "cn-east-3",
            "cn-east-3",
        ],
        [
            "the environment's id belongs to another identity",
            { profile: "bare" },
            { ...keys, ...here },
            {},
            "cn-north-4",
            "cn-north-4",
        ],
    ])("is looked up by name if %s", async (_, request, env, configuration, region, name) => {
        const { cloud, clock, network } = fakeCloud([projects(name)], { env, files: profiles });
        const { place } = await clock.run(cloud.connect(request, configuration, never));
        expect(place).toMatchObject({ region, projectId: `id-${name}-0` });
        expect(network.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
            `GET https://iam.${region}.myhuaweicloud.com/v3/projects?name=${name}`,
        ]);
    });

    test("a stored place is used unchanged, whatever the environment has", async () => {
        const stored = { region: "cn-south-1", projectId: "kept", profile: "bare" };
        const { cloud, clock, network } = fakeCloud([ok], { env: { ...keys, ...here }, files: profiles });
        const connection = await cloud.connect({ region: "cn-east-3", stored }, config, never);
        expect(connection.place).toBe(stored);
        await clock.run(connection.client(roma).send(read, never));
        expect(network.requests[0]).toMatchObject({
            url: "https://roma.cn-south-1.myhuaweicloud.com/v2/p/apps",
            headers: { "x-project-id": "kept", authorization: expect.stringContaining("Access=AKBARE,") },
        });
    });

    test("one look-up serves concurrent and later callers of an identity, and another identity makes its own", async () => {
        const env: Record<string, string> = { ...keys };
        const { cloud, clock, network } = fakeCloud([projects("cn-north-4")], { env, files: profiles });
        const connect = (profile?: string) => cloud.connect({ region: "cn-north-4", profile }, {}, never);
        await clock.run(Promise.all([connect(), connect(), connect()]));
        await clock.run(connect());
        expect(network.requests).toHaveLength(1);
        await clock.run(connect("bare"));
        expect(network.requests).toHaveLength(2);
    });

    test("a caller that aborts does not end the look-up of the others", async () => {
        const { cloud, clock } = fakeCloud([projects("cn-north-4")], { env: { ...keys } });
        const stop = new AbortController();
        const first = cloud.connect({ region: "cn-north-4" }, {}, stop.signal).catch(() => "gave up");
        const second = cloud.connect({ region: "cn-north-4" }, {}, never);
        await clock.yieldToEventLoop();
        stop.abort();
        expect(await clock.run(first)).toBe("gave up");
        expect((await clock.run(second)).place.projectId).toBe("id-cn-north-4-0");
    });

    test.each<[string, Reply, string]>([
        ["no project", projects(), "no project named cn-north-4"],
        ["projects of other names", projects("cn-north-4_team", "cn-east-3"), "no project named cn-north-4"],
        ["several", projects("cn-north-4", "cn-north-4"), "2 projects named cn-north-4"],
        ["one that is disabled", json({ projects: [{ id: "x", name: "cn-north-4", enabled: false }] }), "no project"],
    ])("a look-up that finds %s fails with a clear error and creates nothing", async (_, reply, why) => {
        const { cloud, clock, network } = fakeCloud([reply], { env: { ...keys } });
        const failure = await cloudError(clock.run(cloud.connect({ region: "cn-north-4" }, {}, never)));
        expect(failure.kind).toBe("configuration");
        expect(failure.message).toContain(why);
        expect(network.requests.every(({ method }) => method === "GET")).toBe(true);
        expect(await cloudError(clock.run(cloud.connect({ region: "cn-north-4" }, {}, never)))).toBe(failure);
        expect(network.requests).toHaveLength(1);
    });

    test.each<[string, object, Record<string, string>, string[]]>([
        [
            "credentials",
            { region: "cn-north-4" },
            {},
            ["HW_ACCESS_KEY", "huaweicloud-batch:accessKey", "/home/someone/.hcloud/config.json"],
        ],
        ["a region", {}, keys, ["HW_REGION_NAME", "huaweicloud-batch:region"]],
        ["a good region", { region: "cn-north-4.evil.com/" }, keys, ["region is not a region's name"]],
        ["a good region in the environment", {}, { ...keys, HW_REGION_NAME: "cn-north-4\n" }, ["HW_REGION_NAME"]],
        ["a good project id", { region: "cn-north-4", projectId: "../x" }, keys, ["projectId"]],
        ["a good profile", { region: "cn-north-4", profile: "gone" }, keys, ["can't be read"]],
    ])("one line names what is missing: %s", async (_, request, env, names) => {
        const { cloud, network } = fakeCloud([ok], { env });
        const failure = await cloudError(cloud.connect(request, {}, never));
        expect(failure.kind).toBe("configuration");
        for (const name of names) {
            expect(failure.message).toContain(name);
        }
        expect(failure.message).not.toContain("\n");
        expect(network.requests).toHaveLength(0);
    });
});

describe("a refused identity", () => {
    const wrong = json({ error_code: "APIGW.0301", error_msg: "verify aksk signature fail", request_id: "r9" }, 401);

    test.each<[string, Reply]>([
        ["401", wrong],
        ["401 without a body", { status: 401, body: "" }],
        ["a service's own code", json({ error_code: "ROMA.1000", error_msg: "no token" }, 400)],
    ])("eight hooks at once cost exactly one request: %s", async (_, reply) => {
        const { cloud, clock, network } = fakeCloud([reply]);
        const hooks = Array.from({ length: 8 }, async (_, i) => {
            const connection = await cloud.connect({}, {}, never);
            return cloudError(connection.client(roma).send<unknown>(i % 2 === 0 ? read : change, never));
        });
        const failures = await clock.run(Promise.all(hooks));
        expect(network.requests).toHaveLength(1);
        expect(failures.map((error) => error.kind)).toEqual(Array(8).fill("unauthenticated"));
        expect(failures[0]?.message).toContain("the environment (HW_ACCESS_KEY)");
        const later = await cloud.connect({}, {}, never);
        expect((await cloudError(clock.run(later.client(roma).send(read, never)))).detail).toMatch(/^not sent: /);
        expect(network.requests).toHaveLength(1);
    });

    test("found by the look-up stops all other requests too", async () => {
        const { cloud, clock, network } = fakeCloud([wrong], { env: { ...keys } });
        const regions = ["cn-north-4", "cn-east-3", "cn-south-1"];
        const all = regions.map((region) => cloudError(cloud.connect({ region }, {}, never)));
        expect((await clock.run(Promise.all(all))).map((error) => error.kind)).toEqual(
            Array(3).fill("unauthenticated"),
        );
        expect(network.requests).toHaveLength(1);
    });

    test("does not stop another identity", async () => {
        const { cloud, clock } = fakeCloud([wrong, ok]);
        const one = await cloud.connect({}, {}, never);
        await clock.run(cloudError(one.client(roma).send(read, never)));
        const config = { "huaweicloud-batch:accessKey": "A", "huaweicloud-batch:secretKey": "S" };
        const other = fakeCloud([ok], { env: here });
        const connection = await other.cloud.connect({}, config, never);
        expect(connection.identity).not.toBe("");
        expect((await other.clock.run(connection.client(roma).send(read, never))).body).toEqual({ n: 1 });
    });

    test("is not decided by an answer from before authentication: the next request also goes alone", async () => {
        const { cloud, clock, network } = fakeCloud([throttled(), { status: 502, body: "" }, wrong]);
        const { client } = await cloud.connect({}, {}, never);
        const all = Array.from({ length: 8 }, () => cloudError(client(roma).send(read, never)));
        await clock.run(Promise.all(all));
        expect(network.requests).toHaveLength(3);
        expect(network.mostAtOnce).toBe(1);
    });

    test("in mid-run stops the requests that wait for a permit", async () => {
        const { cloud, clock, network } = fakeCloud([ok, wrong]);
        const { client } = await cloud.connect({}, {}, never);
        await clock.run(client(roma).send(read, never));
        const all = Array.from({ length: 40 }, () => cloudError(client(roma).send(read, never)));
        const failures = await clock.run(Promise.all(all));
        expect(failures.map((error) => error.kind)).toEqual(Array(40).fill("unauthenticated"));
        // Those that were under way at the same moment, and no more.
        expect(network.requests).toHaveLength(1 + network.mostAtOnce);
    });

    test("does not slow an accepted one, whose requests after the first go concurrently", async () => {
        const { cloud, clock, network } = fakeCloud([ok]);
        const { client } = await cloud.connect({}, {}, never);
        await clock.run(Promise.all(Array.from({ length: 8 }, () => client(roma).send(read, never))));
        expect(network.mostAtOnce).toBeGreaterThan(3);
    });
});

describe("user and password", () => {
    const login = { HW_USER_NAME: "someone", HW_USER_PASSWORD: "PWPLANTED-0001", HW_DOMAIN_NAME: "account", ...here };
    const wrong = json({ error_code: "APIGW.0301", error_msg: "decrypt token fail" }, 401);

    /** IAM that gives tokens T1, T2, … that live so long, and a service that takes those that `valid` takes. */
    function world(valid: (token: string) => boolean, life = 24 * 3600 * 1000) {
        let given = 0;
        const fake = fakeCloud(
            [
                (request: WireRequest) => {
                    if (request.url.includes("/v3/auth/tokens")) {
                        given++;
                        const expires_at = new Date(fake.clock.now() + life).toISOString();
                        return json({ token: { expires_at } }, 201, { "x-subject-token": `T${given}` });
                    }
                    return valid(request.headers["x-auth-token"] ?? "") ? ok : wrong;
                },
            ],
            { env: login },
        );
        return { ...fake, given: () => given };
    }

    test("one token serves all requests, requested in IAM's format", async () => {
        const { cloud, clock, network, given } = world(() => true);
        const { client } = await cloud.connect({}, {}, never);
        await clock.run(Promise.all(Array.from({ length: 20 }, () => client(roma).send(read, never))));
        expect(given()).toBe(1);
        const [first] = network.requests;
        expect(first?.url).toBe("https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens?nocatalog=true");
        expect(JSON.parse(first?.body ?? "")).toEqual({
            auth: {
                identity: {
                    methods: ["password"],
                    password: { user: { name: "someone", password: "PWPLANTED-0001", domain: { name: "account" } } },
                },
                scope: { project: { id: "p1" } },
            },
        });
        expect(network.requests[1]?.headers).toMatchObject({ "x-auth-token": "T1", "x-project-id": "p1" });
    });

    test("a token is renewed before it expires", async () => {
        const { cloud, clock, network, given } = world(() => true, 3600_000);
        const { client } = await cloud.connect({}, {}, never);
        for (const minutes of [0, 54, 0.9, 0.2]) {
            await clock.run(clock.sleep(minutes * 60_000));
            await clock.run(client(roma).send(read, never));
        }
        expect(given()).toBe(2);
        expect(network.requests.at(-1)?.headers["x-auth-token"]).toBe("T2");
    });

    test("a token that is refused in mid-run is replaced once for all requests, and refused changes are sent again", async () => {
        let dead = "";
        const { cloud, clock, network, given } = world((token) => token !== dead);
        const { client } = await cloud.connect({}, {}, never);
        await clock.run(client(roma).send(read, never));
        dead = "T1";
        await clock.run(Promise.all(Array.from({ length: 20 }, () => client(roma).send(change, never))));
        expect(given()).toBe(2);
        const refused = network.requests.filter(({ headers }) => headers["x-auth-token"] === "T1").length - 1;
        // Those that were under way at once; the others waited for the fresh one.
        expect(refused).toBeLessThanOrEqual(12);
    });

    test("a fresh token that is refused too is final after two refusals, whatever else was waiting", async () => {
        const { cloud, clock, network, given } = world(() => false);
        const { client } = await cloud.connect({}, {}, never);
        const all = Array.from({ length: 8 }, () => cloudError(client(roma).send(read, never)));
        expect((await clock.run(Promise.all(all))).map((error) => error.kind)).toEqual(
            Array(8).fill("unauthenticated"),
        );
        expect(network.requests.length - given()).toBeLessThanOrEqual(2);
    });

    test("a wrong password is sent once, and shown nowhere", async () => {
        const body = { error: { code: 401, message: "wrong password PWPLANTED-0001", title: "Unauthorized" } };
        const { cloud, clock, network } = fakeCloud([json(body, 401)], { env: login });
        const { client } = await cloud.connect({}, {}, never);
        const all = Array.from({ length: 8 }, () => cloudError(client(roma).send(read, never)));
        const failures = await clock.run(Promise.all(all));
        expect(network.requests).toHaveLength(1);
        expect(failures[0]?.message).toContain("the environment (HW_USER_NAME)");
        expect(inspect(failures, { depth: 9, showHidden: true })).not.toContain("PLANTED");
    });

    test("a project is looked up with a token for the region's own project", async () => {
        const { HW_PROJECT_ID: _, ...env } = login;
        const replies = [
            json({ token: { expires_at: "2026-11-22T00:00:00.000000Z" } }, 201, { "x-subject-token": "T1" }),
            projects("cn-north-4"),
        ];
        const { cloud, clock, network } = fakeCloud(replies, { env });
        expect((await clock.run(cloud.connect({}, {}, never))).place.projectId).toBe("id-cn-north-4-0");
        expect(JSON.parse(network.requests[0]?.body ?? "").auth.scope).toEqual({ project: { name: "cn-north-4" } });
    });

    test.each<[string, Reply]>([
        ["no token in the header", json({ token: { expires_at: "2026-11-22T00:00:00Z" } }, 201)],
        [
            "a token that would break a header",
            json({ token: { expires_at: "2026-11-22T00:00:00Z" } }, 201, { "x-subject-token": "a\r\nb" }),
        ],
        ["no time of expiry", json({ token: { expires_at: "soon" } }, 201, { "x-subject-token": "T" })],
    ])("IAM answers with %s", async (_, reply) => {
        const { cloud, clock } = fakeCloud([reply], { env: login });
        const { client } = await cloud.connect({}, {}, never);
        expect((await cloudError(clock.run(client(roma).send(read, never)))).kind).toBe("unusable");
    });
});

test("no cloud, connection or client object shows a credential", async () => {
    for (const env of [
        { HW_ACCESS_KEY: "PLANTED", HW_SECRET_KEY: "PLANTED", HW_SECURITY_TOKEN: "PLANTED", ...here },
        { HW_AUTH_TOKEN: "PLANTED", ...here },
        { HW_USER_ID: "u", HW_USER_PASSWORD: "PLANTED", ...here },
    ]) {
        const { cloud, clock } = fakeCloud(
            [json({ token: { expires_at: "2026-11-22T00:00:00Z" } }, 201, { "x-subject-token": "PLANTED" }), ok],
            { env },
        );
        const connection = await cloud.connect({}, {}, never);
        const client = connection.client(roma);
        await clock.run(client.send(read, never).catch(() => {}));
        for (const thing of [cloud, connection, client]) {
            expect(inspect(thing, { depth: 12, showHidden: true, getters: true })).not.toContain("PLANTED");
            expect(JSON.stringify(thing)).not.toContain("PLANTED");
        }
    }
});
