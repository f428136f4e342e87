import { addTargets, alive, clouddc, type Deletion, declared, metastudio, roma, vias, workspaceapp } from "./deletions";
import { again, interrupted, type Point } from "./interruptions";
import { programOf } from "./programs";
import { type Face, Stack } from "./stack";
import { Tenant } from "./tenant";

const up = ["up", "--yes", "--skip-preview"];
const destroy = ["destroy", "--yes", "--skip-preview"];

/** Three seconds at the emulator's speed: long enough to be interrupted in. */
const A_MINUTE = { kind: "fixed", ms: 60_000 } as const;
const durations = {
    roma: { "delete-assets": A_MINUTE },
    workspaceapp: { "delete-image-server": A_MINUTE },
    clouddc: { "delete-instance": A_MINUTE },
    vias: { "task-deletes": A_MINUTE },
};

let tried = 0;
let converged = 0;
afterAll(() => {
    process.stdout.write(`interruptions on the real engine: ${tried} points tried, ${converged} converged\n`);
});

interface Story {
    readonly face: Face;
    readonly deletion: Deletion;
    readonly create: Point;
    readonly update: Point;
    readonly remove: Point;
}

const stories: readonly Story[] = [
    {
        face: "dynamic",
        deletion: roma,
        create: { moment: "submitted", interruption: "kill -9 of the CLI" },
        update: { moment: "waiting", interruption: "kill -9 of the provider" },
        remove: { moment: "submitted", interruption: "Ctrl-C twice" },
    },
    {
        face: "dynamic",
        deletion: workspaceapp,
        create: { moment: "waiting", interruption: "the emulator killed and started again" },
        update: { moment: "submitted", interruption: "kill -9 of the CLI" },
        remove: { moment: "looking", interruption: "kill -9 of the provider" },
    },
    {
        face: "dynamic",
        deletion: clouddc,
        create: { moment: "submitted", interruption: "Ctrl-C" },
        update: { moment: "waiting", interruption: "SIGTERM" },
        remove: { moment: "submitted", interruption: "kill -9 of the CLI" },
    },
    {
        face: "dynamic",
        deletion: metastudio,
        create: { moment: "submitted", interruption: "Ctrl-C twice" },
        update: { moment: "looking", interruption: "kill -9 of the CLI" },
        remove: { moment: "submitted", interruption: "the emulator killed and started again" },
    },
    {
        face: "dynamic",
        deletion: vias,
        create: { moment: "waiting", interruption: "kill -9 of the provider" },
        update: { moment: "submitted", interruption: "SIGTERM" },
        remove: { moment: "waiting", interruption: "kill -9 of the CLI" },
    },
    {
        face: "plugin",
        deletion: workspaceapp,
        create: { moment: "submitted", interruption: "kill -9 of the CLI" },
        update: { moment: "waiting", interruption: "kill -9 of the provider" },
        remove: { moment: "submitted", interruption: "Ctrl-C twice" },
    },
    {
        face: "plugin",
        deletion: clouddc,
        create: { moment: "waiting", interruption: "Ctrl-C" },
        update: { moment: "waiting", interruption: "the emulator killed and started again" },
        remove: { moment: "looking", interruption: "kill -9 of the CLI" },
    },
];

const told = ({ moment, interruption }: Point) => `${interruption} while ${moment}`;

test.each(
    stories.map((story) => ({
        ...story,
        title: `${story.face} face, ${story.deletion.service}: create, ${told(story.create)}; update, ${told(story.update)}; delete, ${told(story.remove)}`,
    })),
)("$title", async ({ face, deletion, create, update, remove }) => {
    const tenant = await Tenant.open({ seed: { durations } });
    const now = await addTargets(tenant, deletion, 6);
    const later = await addTargets(tenant, deletion, 3, nameOf(deletion, "later"));
    const others = await addTargets(tenant, deletion, 2, nameOf(deletion, "other"));
    const program = (count: number) =>
        programOf(
            declared(deletion, "create", now.slice(0, count), { name: "now" }),
            declared(deletion, "destroy", later, { name: "later" }),
        );
    const stack = await Stack.create({ program: program(3), env: tenant.env, face });

    tried += 1;
    await interrupted(stack, tenant, up, deletion, create);
    await again(stack, up);
    expect(await alive(tenant, deletion)).toEqual([...now.slice(3), ...later, ...others].sort());
    converged += 1;

    tried += 1;
    await stack.setProgram(program(6));
    await interrupted(stack, tenant, up, deletion, update);
    await again(stack, up);
    expect(await alive(tenant, deletion)).toEqual([...later, ...others].sort());
    await stack.must("preview", "--expect-no-changes");
    converged += 1;

    tried += 1;
    await interrupted(stack, tenant, destroy, deletion, remove);
    await again(stack, destroy);
    expect(await alive(tenant, deletion)).toEqual([...others].sort());
    expect(await stack.resources()).toEqual([]);
    converged += 1;

    const undeclared = (await tenant.submissions()).flatMap(({ ids }) => ids).filter((id) => others.includes(id));
    expect(undeclared).toEqual([]);
    expect(await tenant.doubles()).toEqual([]);
});

function nameOf({ template }: Deletion, name: string): Record<string, string> {
    const key = ["name", "asset_name", "batch_task_name"].find((each) => each in template) ?? "name";
    return { [key]: `${name}-{n}` };
}

/** Every emulator starts with these. */
const sourceOf = (digit: string) => ({ videoSourceId: `c${digit.padStart(31, "0")}` });

test("a VIAS batch task: created but not answered, half stopped, half deleted", async () => {
    const tenant = await Tenant.open({
        seed: { durations: { vias: { ...durations.vias, "task-stops": A_MINUTE, "task-starts": A_MINUTE } } },
    });
    const program = (desiredState: "started" | "stopped", more: Record<string, unknown> = {}) =>
        programOf({
            type: "vias.BatchTask",
            name: "counting",
            args: {
                name: "people-counting",
                serviceName: "people-counting",
                serviceVersion: "1.0.0",
                batchInput: {
                    videoSourceGroup: [
                        {
                            videoSourceGroupId: `b${"1".padStart(31, "0")}`,
                            videoSourceList: ["1", "2", "3"].map(sourceOf),
                        },
                    ],
                },
                output: { eventCenter: true },
                desiredState,
                ...more,
            },
        });
    const batchTasks = () => tenant.ids("vias", "batchTasks");
    const states = async () =>
        (await tenant.control.objects("vias", "tasks")).map(({ object }) => String(object.state));
    const stack = await Stack.create({ program: program("started"), env: tenant.env });

    tried += 1;
    const create = { service: "vias", operation: "CreateBatchTask" };
    await interrupted(stack, tenant, up, create, { moment: "submitted", interruption: "kill -9 of the CLI" });
    const [id = ""] = await batchTasks();
    await stack.must("cancel", "--yes");
    const refused = await stack.up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`batch task ${id} has this name`);
    expect(refused.output).toContain(`set adopt to "${id}"`);
    expect(await batchTasks()).toEqual([id]);
    await stack.setProgram(program("stopped", { adopt: id }));
    await stack.must(...up);
    expect((await stack.resource("counting")).id).toBe(id);
    await stack.setProgram(program("started"));
    await stack.must(...up);
    expect(await states()).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
    converged += 1;

    tried += 1;
    await stack.setProgram(program("stopped"));
    const stop = { service: "vias", operation: "BatchStartStopTask" };
    await interrupted(stack, tenant, up, stop, { moment: "waiting", interruption: "kill -9 of the provider" });
    await again(stack, up);
    expect(await states()).toEqual(["STOPPED", "STOPPED", "STOPPED"]);
    await stack.must("preview", "--expect-no-changes");
    converged += 1;

    tried += 1;
    await interrupted(stack, tenant, destroy, vias, { moment: "waiting", interruption: "kill -9 of the CLI" });
    await again(stack, destroy);
    expect(await batchTasks()).toEqual([]);
    expect(await stack.resources()).toEqual([]);
    converged += 1;
    expect(await tenant.doubles()).toEqual([]);
});

test("Ctrl-C once: what runs is waited for and saved, what has not begun does not begin; up then finishes", async () => {
    const tenant = await Tenant.open({ seed: { durations } });
    const first = await addTargets(tenant, workspaceapp, 3);
    const second = await addTargets(tenant, clouddc, 3);
    const stack = await Stack.create({
        program: `
const { workspaceapp, clouddc } = require("pulumi-huaweicloud-batch");
const first = new workspaceapp.ImageServerBatchDeletion("first", ${JSON.stringify({ when: "create", imageServerIds: first })});
new clouddc.InstanceBatchDeletion("second", ${JSON.stringify({ when: "create", instanceIds: second })}, { dependsOn: first });
`,
        env: tenant.env,
    });
    await interrupted(stack, tenant, up, workspaceapp, { moment: "waiting", interruption: "Ctrl-C" });
    expect(await alive(tenant, workspaceapp)).toEqual([]);
    expect((await stack.resources()).map(({ urn, outputs }) => [urn.split("::").at(-1), outputs.remaining])).toEqual([
        ["first", 0],
    ]);
    expect(await alive(tenant, clouddc)).toEqual(second);

    // Nothing is locked.
    await stack.must(...up);
    expect(await alive(tenant, clouddc)).toEqual([]);
    expect((await tenant.submissions()).map(({ service }) => service)).toEqual(["workspaceapp", "clouddc"]);
});
