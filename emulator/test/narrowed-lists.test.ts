import { harness, project } from "./harness";

/** Lists that do not show everything that the caller may act on, as the harder reading of the API's pages has it. */
const INSTANCE = "01234567-89ab-4cde-8f01-23456789abcd";
const somebody = { user_id: "somebody", user_name: "somebody" };

test("Workspace APP: without an enterprise project, with an empty one and with 0 the list shows the default project only", async () => {
    const h = harness();
    const servers = [
        { id: "1", name: "one" },
        { id: "2", name: "two", enterprise_project_id: "ep-1" },
    ];
    const seed = { objects: [{ service: "workspaceapp", kind: "imageServers", objects: servers }] };
    await h.emulator.control.seed(seed);
    const listed = async (query: string) => {
        const { body } = await h.send("GET", `/v1/${project}/image-servers${query}`);
        return body.items.map(({ id }: { id: string }) => id);
    };
    for (const query of ["", "?enterprise_project_id=", "?enterprise_project_id=0"]) {
        expect(await listed(query)).toEqual(["1"]);
    }
    expect(await listed("?enterprise_project_id=ep-1")).toEqual(["2"]);
    expect((await h.send("GET", `/v1/${project}/image-servers/2`)).status).toBe(200);
    await h.emulator.control.seed({ settings: { workspaceapp: { listWithoutEnterpriseProject: "all" } } });
    expect((await listed("")).sort()).toEqual(["1", "2"]);
});

test("ROMA: the lists show what the caller made; by its id the others' can be read, unless the settings say otherwise", async () => {
    const h = harness();
    await h.emulator.control.seed({
        objects: [
            {
                service: "roma",
                kind: "apps",
                objects: [
                    { id: "mine", name: "mine" },
                    { id: "theirs", name: "theirs", created_user: somebody },
                ],
            },
            {
                service: "roma",
                kind: "tasks",
                objects: [{ task_id: "mine" }, { task_id: "theirs", creator_id: "somebody" }],
            },
        ],
    });
    const apps = `/v2/${project}/instances/${INSTANCE}/apps`;
    const tasks = `/v2/${project}/fdi/instances/${INSTANCE}/tasks`;
    expect((await h.send("GET", apps)).body).toMatchObject({ total: 1, apps: [{ id: "mine" }] });
    const listed = (await h.send("GET", tasks)).body;
    expect(listed).toMatchObject({ total: 1, entities: [{ task_id: "mine" }] });
    expect(listed.entities[0]).not.toHaveProperty("creator_id");
    for (const path of [`${apps}/theirs`, `${tasks}/theirs`]) {
        const read = async (othersById: string) => {
            await h.emulator.control.seed({ settings: { roma: { othersById } } });
            const { status, body } = await h.send("GET", path);
            return [status, body.error_code];
        };
        expect(await read("show")).toEqual([200, undefined]);
        expect(await read("no-permission")).toEqual([400, "ROMA.12001"]);
        expect(await read("forbidden")).toEqual([403, "ROMA.1006"]);
    }
    await h.emulator.control.seed({ settings: { roma: { listedAssets: "everybody's" } } });
    expect((await h.send("GET", apps)).body.total).toBe(2);
    expect((await h.send("GET", tasks)).body.total).toBe(2);
});

test("CloudDC and MetaStudio: what is not listed to the caller is read by its id, and its marker is not shown", async () => {
    const h = harness();
    await h.emulator.control.seed({
        objects: [
            { service: "clouddc", kind: "instances", objects: [{ id: "i1" }, { id: "i2", unlisted: true }] },
            {
                service: "metastudio",
                kind: "assets",
                objects: [{ asset_id: "a1" }, { asset_id: "a2", unlisted: true }],
            },
        ],
    });
    const instances = `/v1/${project}/instances`;
    expect((await h.send("GET", `${instances}?limit=100`)).body).toMatchObject({ count: 1, instances: [{ id: "i1" }] });
    const byIds = (await h.send("GET", `${instances}?limit=100&instance_id=i1%2Ci2`)).body;
    expect(byIds).toMatchObject({ count: 1, instances: [{ id: "i1" }] });
    expect(byIds.instances[0]).not.toHaveProperty("unlisted");
    expect((await h.send("GET", `${instances}/i2/status`)).status).toBe(200);
    const assets = `/v1/${project}/digital-assets`;
    expect((await h.send("GET", `${assets}?asset_source=ALL`)).body).toMatchObject({ assets: [{ asset_id: "a1" }] });
    const summaries = (await h.send("POST", `${assets}/summarys`, { body: { asset_ids: ["a1", "a2"] } })).body;
    expect(summaries.asset_list).toHaveLength(1);
    const shown = await h.send("GET", `${assets}/a2`);
    expect(shown.status).toBe(200);
    expect(shown.body).not.toHaveProperty("unlisted");
});
