import { programOf } from "./programs";
import { EVENT_LOG, lastLine, rowOf, withEventLog } from "./rows";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** The last line of a resource's row is what happened last, whichever hook it was and however it ended. */

const group = {
    videoSourceGroupId: "b0000000000000000000000000000001",
    videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
};
const servers = (ids: readonly string[], args: object) =>
    programOf({
        type: "workspaceapp.ImageServerBatchDeletion",
        name: "servers",
        args: { imageServerIds: ids, recursive: false, timeout: "2m", ...args },
    });
const empty = programOf();

test("a run of one request ends on its result: at create, at update, at destroy", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 3);
    const stack = await Stack.create({
        program: servers(ids.slice(0, 1), { when: "create" }),
        env: { ...tenant.env, ...withEventLog },
    });
    await stack.must("up", "--yes", "--skip-preview", EVENT_LOG);
    expect(lastLine(await rowOf(stack, "servers"))).toMatch(/^1\/1 deleted, /);

    await stack.setProgram(servers(ids.slice(0, 2), { when: "create" }));
    await stack.must("up", "--yes", "--skip-preview", EVENT_LOG);
    expect(lastLine(await rowOf(stack, "servers"))).toMatch(/^1\/1 deleted, /);

    await stack.setProgram(servers(ids.slice(2), { when: "destroy" }));
    await stack.must("up", "--yes", "--skip-preview");
    await stack.must("destroy", "--yes", "--skip-preview", EVENT_LOG);
    const row = await rowOf(stack, "servers");
    expect(lastLine(row)).toMatch(/^1\/1 deleted, /);
    expect(row.filter(({ afterTheEnd, ephemeral }) => afterTheEnd && ephemeral)).toEqual([]);
});

test("many resources at once, each ends on its own result", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 24);
    const resources = ids.map((id, n) => ({
        type: "workspaceapp.ImageServerBatchDeletion",
        name: `server-${n}`,
        args: { imageServerIds: [id], recursive: false, when: "create", timeout: "2m" },
    }));
    const stack = await Stack.create({ program: programOf(...resources), env: { ...tenant.env, ...withEventLog } });
    await stack.must("up", "--yes", "--skip-preview", EVENT_LOG);
    for (const { name } of resources) {
        expect([name, lastLine(await rowOf(stack, name))]).toEqual([name, expect.stringMatching(/^1\/1 deleted, /)]);
    }
});

test("a run that fails ends on its result too", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 2);
    await tenant.control.seed({
        outcomes: [
            {
                service: "workspaceapp",
                process: "delete-image-server",
                ids: ids.slice(0, 1),
                outcome: "fail",
                code: "WKS.1",
                message: "no",
            },
        ],
    });
    const stack = await Stack.create({
        program: servers(ids, { when: "create" }),
        env: { ...tenant.env, ...withEventLog },
    });
    expect(await stack.up(EVENT_LOG)).not.toMatchObject({ code: 0 });
    expect(lastLine(await rowOf(stack, "servers"))).toMatch(/^1\/2 deleted, 1 failed, /);
});

test("a failure that is allowed is a message after the last line of the row, and stays", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 2);
    const fail = { outcome: "fail", code: "WKS.1", message: "no" } as const;
    await tenant.control.seed({
        outcomes: [{ service: "workspaceapp", process: "delete-image-server", ids: ids.slice(0, 1), ...fail }],
    });
    const stack = await Stack.create({
        program: servers(ids, { when: "create", allowedFailures: 1 }),
        env: { ...tenant.env, ...withEventLog },
    });
    await stack.must("up", "--yes", "--skip-preview", EVENT_LOG);
    const row = await rowOf(stack, "servers");
    expect(lastLine(row)).toMatch(/^1\/2 deleted, 1 failed, /);
    expect(row.at(-1)).toMatchObject({ severity: "warning", ephemeral: false });
});

test("a batch task's row ends on what its tasks came to, and on its deletion", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const task = {
        name: "people-counting",
        serviceName: "people-counting",
        serviceVersion: "1.0.0",
        batchInput: { videoSourceGroup: [group] },
        output: { obs: { bucket: "bucket", path: "counts" } },
        desiredState: "started",
        timeout: "2m",
    };
    const program = programOf({ type: "vias.BatchTask", name: "counting", args: task });
    const stack = await Stack.create({ program, env: { ...tenant.env, ...withEventLog } });
    await stack.must("up", "--yes", "--skip-preview", EVENT_LOG);
    expect(lastLine(await rowOf(stack, "counting"))).toMatch(/^1 running, /);
    await stack.setProgram(empty);
    await stack.must("up", "--yes", "--skip-preview", EVENT_LOG);
    expect(lastLine(await rowOf(stack, "counting"))).toMatch(/^deleted, /);
});

test("messages to the engine on this machine do not go through a proxy", async () => {
    const tenant = await Tenant.open({ speed: 500 });
    const ids = await tenant.add("workspaceapp", "imageServers", 1);
    const env = { ...tenant.env, ...withEventLog };
    const stack = await Stack.create({ program: servers(ids, { when: "destroy" }), env });
    // The SDK takes a program's own calls to the engine through these, so that no program runs with them.
    await stack.must("up", "--yes", "--skip-preview");
    const dead = "http://127.0.0.1:9";
    stack.setEnv({
        ...env,
        grpc_proxy: dead,
        https_proxy: dead,
        http_proxy: dead,
        HTTPS_PROXY: dead,
        HTTP_PROXY: dead,
    });
    await stack.must("destroy", "--yes", "--skip-preview", EVENT_LOG);
    expect(lastLine(await rowOf(stack, "servers"))).toMatch(/^1\/1 deleted, /);
});
