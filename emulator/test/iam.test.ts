import { projectIdOf, REGIONS } from "../src";
import { type Harness, harness, project } from "./harness";

const login = (scope?: object, password = "emulator") => {
    const user = { name: "emulator", password, domain: { name: "emulator" } };
    return { unsigned: true, body: { auth: { identity: { methods: ["password"], password: { user } }, scope } } };
};
const scopeOf = (name: string) => ({ project: { name } });
const withToken = (token: string) => ({ unsigned: true, headers: { "x-auth-token": token } });
const tokenOf = async ({ send }: Harness) => {
    const reply = await send("POST", "/v3/auth/tokens?nocatalog=true", login(scopeOf("cn-north-4")));
    return { reply, token: reply.headers.get("x-subject-token") ?? "" };
};

test("a token lives 24 hours and belongs to its project", async () => {
    const h = harness();
    const { reply, token } = await tokenOf(h);
    expect(reply.status).toBe(201);
    expect(reply.body.token).toMatchObject({ expires_at: "2026-01-02T00:00:00.000000Z", project: { id: project } });
    const list = `/v1/${project}/image-servers`;
    expect((await h.send("GET", list, withToken(token))).status).toBe(200);
    expect((await h.send("GET", `/v1/${projectIdOf("cn-east-3")}/image-servers`, withToken(token))).status).toBe(403);
    await h.emulator.control.clock({ do: "advance", ms: 24 * 3_600_000 - 1 });
    expect((await h.send("GET", list, withToken(token))).status).toBe(200);
    h.time.now += 1;
    expect((await h.send("GET", list, withToken(token))).body.error_code).toBe("APIGW.0301");
});

test("wrong password, unknown region: in IAM's own shape", async () => {
    const { send } = harness();
    const wrong = await send("POST", "/v3/auth/tokens", login(undefined, "nope"));
    expect(wrong.status).toBe(401);
    expect(wrong.body).toEqual({
        error: { code: 401, message: "The username or password is wrong.", title: "Unauthorized" },
    });
    expect((await send("POST", "/v3/auth/tokens", login(scopeOf("cn-nowhere-1")))).status).toBe(404);
    expect((await send("POST", "/v3/auth/tokens", login({ domain: { name: "emulator" } }))).status).toBe(201);
    expect((await send("POST", "/v3/auth/tokens", login({ domain: { name: "nobody" } }))).status).toBe(404);
    expect((await send("GET", "/v3/projects", { unsigned: true })).body.error.code).toBe(401);
});

test("each region has a project of its own, a region that does not exist has none", async () => {
    const { send } = harness();
    const { body } = await send("GET", "/v3/projects");
    expect(new Set(body.projects.map(({ id }: { id: string }) => id)).size).toBe(REGIONS.length);
    expect((await send("GET", "/v3/projects?name=cn-north-4")).body.projects).toMatchObject([
        { id: project, name: "cn-north-4" },
    ]);
    expect((await send("GET", "/v3/projects?name=cn-nowhere-1")).body.projects).toEqual([]);
    expect((await send("GET", "/v3/projects?per_page=5001")).status).toBe(400);
});

test("a token of the account is for IAM, and for no service of projects", async () => {
    const { send, emulator } = harness();
    const reply = await send("POST", "/v3/auth/tokens", login({ domain: { name: "emulator" } }));
    const account = withToken(reply.headers.get("x-subject-token") ?? "");
    expect((await send("GET", "/v3/projects", account)).status).toBe(200);
    const list = `/v1/${project}/image-servers`;
    expect((await send("GET", list, account)).status).toBe(403);
    await emulator.control.seed({ settings: { gateway: { accountTokens: "allow" } } });
    expect((await send("GET", list, account)).status).toBe(200);
});

test("the account and the projects of a key", async () => {
    const { send } = harness();
    const { domains } = (await send("GET", "/v3/auth/domains")).body;
    expect(domains).toMatchObject([{ id: expect.stringMatching(/^[0-9a-f]{32}$/), name: "emulator", enabled: true }]);
    const { projects } = (await send("GET", "/v3/auth/projects")).body;
    expect(projects.length).toBe(REGIONS.length);
    expect(projects.every(({ domain_id }: { domain_id: string }) => domain_id === domains[0].id)).toBe(true);
});

test("temporary keys sign, with their security token, until they expire", async () => {
    const h = harness();
    const { token } = await tokenOf(h);
    const body = { auth: { identity: { methods: ["token"], token: { duration_seconds: 900 } } } };
    const made = await h.send("POST", "/v3.0/OS-CREDENTIAL/securitytokens", { ...withToken(token), body });
    const { access, secret, securitytoken } = made.body.credential;
    const list = `/v1/${project}/image-servers`;
    const signed = { access, secret, headers: { "x-security-token": securitytoken } };
    expect((await h.send("GET", list, signed)).status).toBe(200);
    expect((await h.send("GET", list, { access, secret })).status).toBe(401);
    h.time.now += 900_000;
    expect((await h.send("GET", list, signed)).status).toBe(401);
});

test("a sub-project needs X-Project-Id with a signature", async () => {
    const { send, emulator } = harness();
    const [[id = ""] = []] = await emulator.control.seed({
        objects: [{ service: "iam", kind: "projects", objects: [{ name: "cn-north-4_team" }] }],
    });
    expect((await send("GET", `/v1/${id}/image-servers`)).status).toBe(403);
    expect((await send("GET", `/v1/${id}/image-servers`, { headers: { "x-project-id": id } })).status).toBe(200);
});

describe("as the clients of OpenStack use it", () => {
    const byToken = (id: string, scope?: object | string) => ({
        unsigned: true,
        body: { auth: { identity: { methods: ["token"], token: { id } }, scope } },
    });

    test("versions are told to everybody, at / and at /v3 with and without a slash", async () => {
        const { send } = harness();
        const anybody = { unsigned: true };
        const shown = (await send("GET", "/v3", anybody)).body.version;
        expect(shown).toMatchObject({
            id: "v3.6",
            status: "stable",
            links: [{ rel: "self", href: expect.stringMatching(/\/v3\/$/) }],
        });
        expect((await send("GET", "/v3/", anybody)).body.version).toEqual(shown);
        const all = await send("GET", "/", anybody);
        expect([all.status, all.body]).toEqual([300, { versions: { values: [shown] } }]);
    });

    test("a token's catalog has the emulator's own address for every service of its region", async () => {
        const { send } = harness();
        const reply = await send("POST", "/v3/auth/tokens", login(scopeOf("cn-north-4")));
        const { catalog } = reply.body.token;
        const urls = Object.fromEntries(
            catalog.map(({ type, endpoints }: { type: string; endpoints: { url: string }[] }) => [
                type,
                endpoints[0]?.url,
            ]),
        );
        expect(urls).toEqual({
            iam: "http://cloud.example.com/v3.0",
            identity: "http://cloud.example.com/v3",
            roma: `http://cloud.example.com/v2/${project}`,
            appstream: `http://cloud.example.com/v1/${project}`,
            clouddc: `http://cloud.example.com/v1/${project}`,
            metastudio: `http://cloud.example.com/v1/${project}`,
            vias: `http://cloud.example.com/v2/${project}`,
        });
        const asked = withToken(reply.headers.get("x-subject-token") ?? "");
        expect((await send("GET", "/v3/auth/catalog", asked)).body).toMatchObject({ catalog });
        // The account has no region, and its token no services of one.
        const account = await send("POST", "/v3/auth/tokens", login({ domain: { name: "emulator" } }));
        expect(account.body.token.catalog.map(({ type }: { type: string }) => type)).toEqual(["iam", "identity"]);
        const ofAccount = withToken(account.headers.get("x-subject-token") ?? "");
        expect((await send("GET", "/v3/auth/catalog", ofAccount)).status).toBe(403);
        const without = await send("POST", "/v3/auth/tokens?nocatalog=1", login(scopeOf("cn-north-4")));
        expect(without.body.token.catalog).toEqual([]);
    });

    test("a token is validated: its own, another's of the account, by a key; an unknown or expired one is not found", async () => {
        const h = harness();
        const { reply, token } = await tokenOf(h);
        const validate = (subject: string, by: object = {}, method = "GET") =>
            h.send(method, "/v3/auth/tokens?nocatalog=true", {
                ...by,
                headers: { ...withToken(token).headers, "x-subject-token": subject },
            });
        const answer = await validate(token, { unsigned: true });
        expect([answer.status, answer.headers.get("x-subject-token")]).toEqual([200, token]);
        expect(answer.body).toEqual(reply.body);
        expect((await validate(token, { unsigned: true }, "HEAD")).status).toBe(200);
        expect((await validate("nonsense", { unsigned: true })).status).toBe(404);
        expect((await h.send("GET", "/v3/auth/tokens", withToken(token))).status).toBe(400);
        expect((await h.send("GET", "/v3/auth/tokens", { headers: { "x-subject-token": token } })).status).toBe(200);
        expect(
            (await h.send("GET", "/v3/auth/tokens", { unsigned: true, headers: { "x-subject-token": token } })).status,
        ).toBe(401);
        h.time.now += 24 * 3_600_000;
        expect((await h.send("GET", "/v3/auth/tokens", { headers: { "x-subject-token": token } })).status).toBe(404);
        // Its pages have no call that ends a token.
        expect((await h.send("DELETE", "/v3/auth/tokens", { headers: { "x-subject-token": token } })).status).toBe(405);
    });

    test("a token logs in to another project, and what it gets does not outlive it", async () => {
        const h = harness();
        const { reply, token } = await tokenOf(h);
        h.time.now += 3_600_000;
        const other = await h.send("POST", "/v3/auth/tokens", byToken(token, scopeOf("cn-east-3")));
        expect(other.status).toBe(201);
        expect(other.body.token).toMatchObject({
            methods: ["token", "password"],
            expires_at: reply.body.token.expires_at,
            project: { id: projectIdOf("cn-east-3") },
        });
        const list = `/v1/${projectIdOf("cn-east-3")}/image-servers`;
        expect((await h.send("GET", list, withToken(other.headers.get("x-subject-token") ?? ""))).status).toBe(200);
        expect((await h.send("POST", "/v3/auth/tokens", byToken("nonsense"))).status).toBe(401);
        expect((await h.send("POST", "/v3/auth/tokens", byToken(token, "unscoped"))).status).toBe(201);
        expect((await h.send("POST", "/v3/auth/tokens", byToken(token, scopeOf("nowhere")))).status).toBe(404);
        const foreign = { project: { name: "cn-north-4", domain: { name: "nobody" } } };
        expect((await h.send("POST", "/v3/auth/tokens", byToken(token, foreign))).status).toBe(404);
        h.time.now += 23 * 3_600_000;
        expect((await h.send("POST", "/v3/auth/tokens", byToken(token))).status).toBe(401);
    });

    test("regions, services, endpoints and projects can be read one by one and in lists", async () => {
        const { send } = harness();
        const listed = (await send("GET", "/v3/regions")).body.regions;
        expect(listed.map(({ id, type }: { id: string; type: string }) => `${type} ${id}`)).toEqual(
            REGIONS.map((id) => `public ${id}`),
        );
        expect((await send("GET", "/v3/regions/cn-north-4")).body.region).toEqual(
            listed.find(({ id }: { id: string }) => id === "cn-north-4"),
        );
        const { services } = (await send("GET", "/v3/services?type=roma")).body;
        expect((await send("GET", `/v3/services/${services[0].id}`)).body).toEqual({ service: services[0] });
        const { endpoints } = (await send("GET", `/v3/endpoints?interface=public&service_id=${services[0].id}`)).body;
        expect(endpoints).toHaveLength(REGIONS.length);
        expect((await send("GET", `/v3/endpoints/${endpoints[0].id}`)).body).toEqual({ endpoint: endpoints[0] });
        expect((await send("GET", `/v3/projects/${project}`)).body.project).toMatchObject({ name: "cn-north-4" });
        for (const unknown of ["regions/x", "services/x", "endpoints/x", "projects/x"]) {
            expect((await send("GET", `/v3/${unknown}`)).body.error.code).toBe(404);
        }
    });
});
