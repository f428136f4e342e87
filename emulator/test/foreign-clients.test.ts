import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";
import { startEmulator } from "../src";
import { harness, project } from "./harness";

// What official clients send that a client written from the pages would not. Each was found by driving the emulator with them.

const ROMA_INSTANCE = "01234567-89ab-4cde-8f01-23456789abcd";
const APPS = `/v2/${project}/instances/${ROMA_INSTANCE}/apps`;

describe("a signed request with a body, where the call takes none", () => {
    const bodies = ["{}", '{"a":"中"}', "not json", ""];

    test.each(bodies)("GET with %p, as the Node SDK's look-up of a project", async (rawBody) => {
        const { send } = harness();
        const found = await send("GET", "/v3/projects?name=cn-north-4", { rawBody });
        expect([found.status, found.body.projects.length]).toEqual([200, 1]);
        expect((await send("GET", `/v1/${project}/image-servers`, { rawBody })).status).toBe(200);
    });

    test("DELETE and HEAD too", async () => {
        const { send } = harness();
        const created = await send("POST", APPS, { body: { name: "app" } });
        expect((await send("DELETE", `${APPS}/${created.body.id}`, { rawBody: "{}" })).status).toBe(204);
        const login = { name: "emulator", password: "emulator", domain: { name: "emulator" } };
        const { headers } = await send("POST", "/v3/auth/tokens", {
            unsigned: true,
            body: { auth: { identity: { methods: ["password"], password: { user: login } } } },
        });
        const subject = { "x-subject-token": headers.get("x-subject-token") ?? "" };
        expect((await send("HEAD", "/v3/auth/tokens", { rawBody: "{}", headers: subject })).status).toBe(200);
    });

    test("the hash that a header names stands for the body, as where it is signed with one", async () => {
        const { send } = harness();
        const headers = { "x-sdk-content-sha256": "UNSIGNED-PAYLOAD" };
        expect((await send("GET", "/v3/projects?name=cn-north-4", { rawBody: "{}", headers })).status).toBe(200);
    });

    /** On a port, where the body comes with a length or in chunks. */
    async function get(url: string, body: string, signedBody: string, chunked: boolean): Promise<number> {
        const { host, pathname, search } = new URL(url);
        const hash = (text: string) => createHash("sha256").update(text).digest("hex");
        const date = `${new Date().toISOString().replace(/[-:]/g, "").slice(0, 15)}Z`;
        const canonical = [
            "GET",
            `${pathname}/`,
            search.slice(1),
            `host:${host}`,
            `x-sdk-date:${date}`,
            "",
            "host;x-sdk-date",
            hash(signedBody),
        ];
        const text = `SDK-HMAC-SHA256\n${date}\n${hash(canonical.join("\n"))}`;
        const signature = createHmac("sha256", "emulator").update(text).digest("hex");
        const headers = {
            "x-sdk-date": date,
            authorization: `SDK-HMAC-SHA256 Access=emulator, SignedHeaders=host;x-sdk-date, Signature=${signature}`,
            ...(chunked ? { "transfer-encoding": "chunked" } : { "content-length": Buffer.byteLength(body) }),
        };
        return new Promise((resolve, reject) => {
            const sent = request(url, { method: "GET", headers, agent: false }, (answer) => {
                answer.resume();
                answer.on("end", () => resolve(answer.statusCode ?? 0));
            });
            sent.on("error", reject);
            sent.end(body);
        });
    }

    test.each([true, false])("GET on a port, chunked: %p", async (chunked) => {
        const served = await startEmulator();
        try {
            const url = `${served.url}/v3/projects?name=cn-north-4`;
            expect(await get(url, "{}", "{}", chunked)).toBe(200);
            expect(await get(url, "{}", "", chunked)).toBe(401);
            expect(await get(url, "", "", chunked)).toBe(200);
        } finally {
            await served.close();
        }
    });
});

describe("null for a field counts as the field left out", () => {
    const nic = { subnet_id: "s", ipv4_address: null };
    const bare = { name: "n", image_id: "i", vpc_id: "v", network_interfaces: [nic], password: "p" };

    test("optional fields, in nested objects and in the elements of lists too", async () => {
        const { send } = harness();
        const made = await send("POST", `/v1/${project}/instances`, {
            body: {
                ...bare,
                tags: null,
                metadata: { a: "b", c: null },
                description: null,
                placement: { server_id: null },
            },
        });
        expect(made.status).toBe(202);
        const { instances } = (await send("GET", `/v1/${project}/instances`)).body;
        expect(instances).toMatchObject([{ metadata: { a: "b" }, description: "" }]);

        const server = {
            name: "server",
            description: null,
            root_volume: { type: "SAS", size: 80, cluster_id: null },
            image_ref: { id: "i", image_type: "private", spce_code: null, product_id: null },
            vpc_id: "v",
            subnet_id: "s",
            product_id: "p",
            authorize_accounts: [{ account: "a", account_type: null, domain: null }],
            scheduler_hints: null,
            route_policy: { max_session: 10, cpu_threshold: null, mem_threshold: null },
            tags: null,
            enterprise_project_id: null,
        };
        const created = await send("POST", `/v1/${project}/image-servers`, { body: server });
        expect([created.status, created.text]).toEqual([200, expect.stringContaining("job_id")]);
        // What has no value keeps what it has.
        expect((await send("POST", APPS, { body: { name: "app", remark: "r", key: null, secret: null } })).status).toBe(
            201,
        );
        const [{ id }] = (await send("GET", APPS)).body.apps;
        const updated = await send("PUT", `${APPS}/${id}`, { body: { name: null, remark: null, favorite: true } });
        expect(updated.body).toMatchObject({ name: "app", remark: "r", favorite: true });
        const asset = { asset_name: "a", asset_type: "IMAGE", tags: null, shared_config: { shared_type: null } };
        expect((await send("POST", `/v1/${project}/digital-assets`, { body: asset })).status).toBe(200);
    });

    test("mandatory fields are missing then, in each service's own words", async () => {
        const { send } = harness();
        const code = async (method: string, path: string, body: object) =>
            (await send(method, path, { body })).body.error_code;
        const deleted = { recursive: true };
        expect(
            await code("PATCH", `/v1/${project}/image-servers/actions/batch-delete`, { items: null, ...deleted }),
        ).toBe(await code("PATCH", `/v1/${project}/image-servers/actions/batch-delete`, deleted));
        expect(await code("POST", `/v1/${project}/instances`, { ...bare, password: null })).toBe("iMetal.0002");
        expect(await code("POST", `/v1/${project}/instances/batch-delete`, { instance_id_set: null })).toBe(
            await code("POST", `/v1/${project}/instances/batch-delete`, {}),
        );
        expect(
            await code("POST", `/v2/${project}/instances/${ROMA_INSTANCE}/assets/delete`, { apps: null, tasks: [] }),
        ).toBe("ROMA.13000");
        expect(await code("POST", `/v1/${project}/digital-assets/batch-action`, { action: null, asset_ids: [] })).toBe(
            await code("POST", `/v1/${project}/digital-assets/batch-action`, { asset_ids: [] }),
        );
        // IAM's codes are its statuses.
        const login = { methods: ["password"], password: null };
        expect((await send("POST", "/v3/auth/tokens", { body: { auth: { identity: login } } })).status).toBe(400);
    });

    test("an element of a list that is null is no value", async () => {
        const { send } = harness();
        const path = `/v1/${project}/image-servers/actions/batch-delete`;
        expect((await send("PATCH", path, { body: { items: [null], recursive: true } })).status).toBe(400);
        expect((await send("PATCH", path, { rawBody: "null" })).status).toBe(400);
    });
});
