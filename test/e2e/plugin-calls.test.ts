/** What the engine tells a provider plugin and no dynamic provider: how long a call may take, and to read before it acts. On the real engine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addTargets, alive, clouddc, declared, metastudio, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { checkout, environmentIn, Stack } from "./stack";
import { Tenant } from "./tenant";

const UP = ["up", "--yes", "--skip-preview"] as const;
const REFRESH = ["refresh", "--yes", "--skip-preview"] as const;
const DESTROY = ["destroy", "--yes", "--skip-preview"] as const;

/** A process that has not ended by then is one that goes on. */
const GIVE_UP_MS = 20_000;

test("customTimeouts count for create, update, read and delete: what outlives them fails and names the option, and nothing is sent twice", async () => {
    const anHour = { kind: "fixed", ms: 3_600_000 } as const;
    const durations = { workspaceapp: { "delete-image-server": anHour }, clouddc: { "delete-instance": anHour } };
    const tenant = await Tenant.open({ seed: { durations } });
    const now = await addTargets(tenant, workspaceapp, 2);
    const later = await addTargets(tenant, clouddc, 2);
    const customTimeouts = { create: "2s", update: "3s", read: "4s", delete: "5s" };
    const options = { customTimeouts };
    const program = programOf(
        { ...declared(workspaceapp, "create", now, { name: "now" }), options },
        { ...declared(clouddc, "destroy", later, { name: "later" }), options },
    );
    const stack = await Stack.create({ program, env: tenant.env, face: "plugin" });
    const fails = async (args: readonly string[], why: string) => {
        const { code, output } = await stack.run(...args);
        expect(code).not.toBe(0);
        expect(output).toContain(why);
    };

    await fails(UP, "not settled within 2s (the option customTimeouts.create)");
    await fails(UP, "not settled within 3s (the option customTimeouts.update)");
    expect((await stack.resource("now")).outputs).toMatchObject({ counts: { unknown: 2 }, remaining: 2 });
    await fails(DESTROY, "not settled within 5s (the option customTimeouts.delete)");
    const submitted = (await tenant.submissions()).flatMap(({ ids }) => ids);
    expect(submitted.sort()).toEqual([...now, ...later].sort());

    await tenant.control.seed({ faults: [{ fault: "delay", service: "clouddc", ms: 60_000 }] });
    await fails(REFRESH, "not settled within 4s (the option customTimeouts.read)");
    await tenant.control.clearFaults();
    await tenant.control.clock({ do: "advance", ms: 3_600_000 });
    await stack.must(...DESTROY);
    expect(await tenant.submissions()).toHaveLength(2);
    expect(await alive(tenant, clouddc)).toEqual([]);
});

test("a read that can't look: what deletes at destroy fails, and nothing is lost; what does nothing then keeps its state and says so", async () => {
    const tenant = await Tenant.open();
    const now = await addTargets(tenant, workspaceapp, 2);
    const shown = await addTargets(tenant, metastudio, 1);
    const later = await addTargets(tenant, clouddc, 2);
    const quiet = declared(workspaceapp, "create", now, { name: "now" });
    const action = {
        type: "metastudio.AssetBatchAction",
        name: "shown",
        args: { assetIds: shown, onCreate: "ACTIVE" },
    };
    const stack = await Stack.create({
        program: programOf(quiet, action, declared(clouddc, "destroy", later, { name: "later" })),
        env: tenant.env,
        face: "plugin",
    });
    await stack.must(...UP);
    const stored = await stack.resources();

    const refused = { ...tenant.env, HW_SECRET_KEY: "wrong" };
    stack.setEnv(refused);
    const refreshed = await stack.run(...REFRESH);
    expect(refreshed.code).not.toBe(0);
    expect(refreshed.output).toMatch(/warning: not refreshed: .*HW_ACCESS_KEY/);
    expect(refreshed.output).toMatch(/error: .*HW_ACCESS_KEY/);
    const destroyed = await stack.run(...DESTROY);
    expect(destroyed.code).not.toBe(0);
    expect((await stack.resources()).find(({ urn }) => urn.endsWith("::later"))).toEqual(
        stored.find(({ urn }) => urn.endsWith("::later")),
    );
    expect(await alive(tenant, clouddc)).toEqual(later);
    stack.setEnv(tenant.env);
    await stack.must(...DESTROY);
    expect(await alive(tenant, clouddc)).toEqual([]);

    await stack.setProgram(programOf(quiet, action));
    await stack.must(...UP);
    // Nobody listens there.
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const address = closed.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => closed.close(resolve));
    stack.setEnv({ ...tenant.env, HUAWEICLOUD_BATCH_ENDPOINT: `http://127.0.0.1:${port}` });
    const ended = await stack.must(...DESTROY);
    expect(ended.output).toMatch(/warning: not refreshed: .*ConnectionRefused/);
    expect(await stack.resources()).toEqual([]);
});

test("SIGINT, which the engine sends at every normal end, ends the plugin: nothing handles it", async () => {
    const engine = createServer().listen(0, "127.0.0.1");
    await once(engine, "listening");
    const address = engine.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const plugin = spawn(join(checkout, "plugin/pulumi-resource-huaweicloud-batch"), [`127.0.0.1:${port}`], {
        env: environmentIn(checkout),
        stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(plugin, "exit");
    try {
        await once(plugin.stdout, "data");
        plugin.kill("SIGINT");
        expect(await Promise.race([exited, sleep(GIVE_UP_MS, "it goes on", { ref: false })])).toEqual([null, "SIGINT"]);
    } finally {
        plugin.kill("SIGKILL");
        engine.close();
    }
});
