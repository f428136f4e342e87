import { projectIdOf, regions } from "../../src/emulator";
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
    expect(new Set(body.projects.map(({ id }: { id: string }) => id)).size).toBe(regions.length);
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
    expect(projects.length).toBe(regions.length);
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
