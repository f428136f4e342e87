import type { Properties } from "../../src/provider/hooks";
import { deletions } from "../e2e/deletions";
import { EngineModel, type HookRecord, type Operation, type Program, type UpOptions } from "../world/engine-model";
import { TestWorld } from "../world/world";

/** One row: a resource over targets of one kind in the emulator. */
interface Row {
    readonly title: string;
    readonly service: string;
    readonly kind: string;
    readonly template: Readonly<Record<string, unknown>>;
    /** Its inputs over these ids. */
    readonly inputs: (ids: readonly string[]) => Properties;
    /** For a row whose inputs have a rule: the same resource over ids. */
    readonly byIds?: (ids: readonly string[]) => Properties;
}

const batchTask = (adopt: string | undefined): Properties => ({
    __resource: "vias:BatchTask",
    name: "task",
    serviceName: "people-counting",
    serviceVersion: "1.0.0",
    ...(adopt === undefined ? {} : { adopt }),
    batchInput: {
        videoSourceGroup: [
            {
                videoSourceGroupId: "b0000000000000000000000000000001",
                videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
            },
        ],
    },
    output: { obs: { bucket: "counts", path: "north" } },
});

const deletionRows = (when: "create" | "destroy"): readonly Row[] =>
    deletions.map(({ type, service, kind, template, args }) => ({
        title: `${type}, when: ${when}`,
        service,
        kind,
        template,
        inputs: (ids) => ({ __resource: type.replace(".", ":"), when, ...args(ids) }),
    }));

const assets = { service: "metastudio", kind: "assets", template: { asset_name: "asset-{n}" } };

/** A rule that matches what the template of a deletion names. */
const ruleOf = ({ service, template }: Pick<Row, "service" | "template">): Properties => {
    const name = String(template.name ?? template.asset_name ?? template.batch_task_name);
    const rule = { names: [name.replace("{n}", "*")] };
    return { matching: service === "roma" ? { apps: rule } : rule, maxItems: 10 };
};

/** The same row with a rule instead of its ids. */
const withRule = (row: Row): Row => ({
    ...row,
    title: `${row.title}, matching`,
    byIds: row.inputs,
    inputs: () => ({ ...withoutIds(row.inputs([])), ...ruleOf(row) }),
});

function withoutIds(inputs: Properties): Properties {
    return Object.fromEntries(Object.entries(inputs).filter(([, value]) => !Array.isArray(value)));
}

const deletingAction: Row = {
    ...assets,
    title: "metastudio.AssetBatchAction, onDestroy: DELETE",
    inputs: (assetIds) => ({ __resource: "metastudio:AssetBatchAction", assetIds, onDestroy: "DELETE" }),
};

const ruleHolders: readonly Row[] = [...deletionRows("destroy"), deletingAction].map(withRule);

/** The resources that act at destroy or own the thing. */
const holders: readonly Row[] = [
    ...deletionRows("destroy"),
    ...ruleHolders,
    deletingAction,
    {
        ...assets,
        title: "metastudio.AssetBatchAction, onDestroy: DELETE_FORCE",
        inputs: (assetIds) => ({
            __resource: "metastudio:AssetBatchAction",
            assetIds,
            onDestroy: "DELETE_FORCE",
        }),
    },
    {
        title: "vias.BatchTask, adopted",
        service: "vias",
        kind: "batchTasks",
        template: { batch_task_name: "task", task_state: "STOPPED" },
        inputs: ([id]) => batchTask(id),
    },
];

const profiles = JSON.stringify({
    current: "one",
    profiles: ["one", "other"].map((name) => ({
        name,
        mode: "AKSK",
        accessKeyId: "emulator",
        secretAccessKey: "emulator",
        region: "cn-north-4",
    })),
});

class Play {
    readonly world = new TestWorld({ seed: 7, files: { "/home/nobody/.hcloud/config.json": profiles } });
    readonly hooks: HookRecord[] = [];
    readonly engine = new EngineModel(this.world.clock, this.world.startProcess, 1, async (record) => {
        this.hooks.push(record);
    });
    ids: readonly string[] = [];

    constructor(readonly row: Row) {}

    async furnish(): Promise<void> {
        const { service, kind, template } = this.row;
        const count = this.row.title.startsWith("vias.BatchTask,") ? 1 : 2;
        const [ids = []] = await this.world.emulator.control.seed({ objects: [{ service, kind, count, template }] });
        this.ids = ids.toSorted();
    }

    get inputs(): Properties {
        return this.row.inputs(this.ids);
    }

    async up(program: Program, options?: UpOptions): Promise<Operation> {
        const done = await this.engine.up(program, options);
        expect([done.is, this.problemsOf(done)]).toEqual(["succeeded", []]);
        return done;
    }

    /** A resource that fails after all others were created. */
    async failingUp(program: Program, options?: UpOptions): Promise<void> {
        const missing = { ...broken, when: "create", onMissing: "fail" };
        expect((await this.engine.up({ ...program, broken: missing }, options)).is).toBe("failed");
    }

    async destroy(): Promise<void> {
        const done = await this.engine.destroy();
        expect([done.is, this.problemsOf(done)]).toEqual(["succeeded", []]);
    }

    private problemsOf({ hooks }: Operation): readonly string[] {
        return hooks.flatMap(({ result }) =>
            result.is === "failed" ? [result.message] : result.is === "kept" ? [...result.reasons] : [],
        );
    }

    async alive(): Promise<readonly string[]> {
        const { service, kind } = this.row;
        const objects = await this.world.emulator.control.objects(service, kind);
        return objects
            .filter(
                ({ object }) =>
                    !["DELETING", "DELETED", "terminated"].includes(String(object.asset_state ?? object.state)),
            )
            .map(({ object }) => String(object.id ?? object.asset_id))
            .sort();
    }

    /** The ids in all deletion requests. */
    async deleted(): Promise<readonly string[]> {
        const { submissions } = await this.world.emulator.control.auditLog();
        return submissions
            .filter(({ service, operation }) => service === this.row.service && operation !== "BatchStartStopTask")
            .flatMap(({ ids }) => ids)
            .sort();
    }
}

const broken = { __resource: "clouddc:InstanceBatchDeletion", instanceIds: ["00000000-0000-4000-8000-000000000000"] };

/** After each of these changes some resource still declares the same ids. */
const stories: ReadonlyArray<{ readonly name: string; readonly play: (play: Play) => Promise<unknown> }> = [
    {
        name: "renamed without an alias",
        play: (play) => play.up({ after: play.inputs }),
    },
    {
        name: "renamed without an alias, the first up fails half-way",
        play: async (play) => {
            await play.failingUp({ after: play.inputs });
            await play.up({ after: play.inputs });
        },
    },
    {
        name: "renamed with an alias, and back",
        play: async (play) => {
            await play.up({ after: play.inputs }, { aliases: { after: "before" } });
            await play.up({ before: play.inputs }, { aliases: { before: "after" } });
        },
    },
    {
        name: "moved into a component, its URN an alias",
        play: (play) => play.up({ component$before: play.inputs }, { aliases: { component$before: "before" } }),
    },
    {
        name: "moved into a component without an alias",
        play: (play) => play.up({ component$before: play.inputs }),
    },
    {
        name: "replaced by --replace, or tainted",
        play: (play) => play.up({ before: play.inputs }, { replace: ["before"] }),
    },
    {
        name: "replaced by --replace with delete-before-replace",
        play: (play) => play.up({ before: play.inputs }, { replace: ["before"], deleteFirst: ["before"] }),
    },
    {
        name: "replaced, something else fails, the pending delete comes in the next up",
        play: async (play) => {
            await play.failingUp({ before: play.inputs }, { replace: ["before"] });
            await play.up({ before: play.inputs });
            expect(play.engine.pendingDeletes()).toEqual([]);
        },
    },
    {
        name: "handed over in two steps",
        play: async (play) => {
            await play.up({ before: play.inputs, after: play.inputs });
            await play.up({ after: play.inputs });
        },
    },
    {
        name: "handed over in two steps, with an up between that changes nothing",
        play: async (play) => {
            await play.up({ before: play.inputs, after: play.inputs });
            await play.up({ before: play.inputs, after: play.inputs });
            await play.up({ after: play.inputs, another: { ...broken, when: "create" } });
        },
    },
];

describe.each(holders)("$title", (row) => {
    test.each(stories)(
        "$name: an up deletes nothing that it declares, and a destroy deletes everything once",
        async ({ play }) => {
            const scene = new Play(row);
            await scene.world.run(async () => {
                await scene.furnish();
                await scene.up({ before: scene.inputs });
                await play(scene);
                expect(await scene.alive()).toEqual(scene.ids);
                expect(await scene.deleted()).toEqual([]);
                await scene.destroy();
                expect(await scene.alive()).toEqual([]);
                expect(await scene.deleted()).toEqual(scene.ids);
            });
        },
    );

    test("dropped: it deletes, although a resource that acts only at create declares the same", async () => {
        const scene = new Play(row);
        await scene.world.run(async () => {
            await scene.furnish();
            const deletion = deletions.find(({ service }) => service === row.service);
            const now = { __resource: deletion?.type.replace(".", ":"), when: "create", ...deletion?.args([]) };
            const after = { ...now, ...deletion?.args(scene.ids) };
            await scene.up({ before: scene.inputs });
            await scene.up({ before: scene.inputs, now });
            await scene.up({ now });
            expect(await scene.alive()).toEqual([]);
            expect(await scene.deleted()).toEqual(scene.ids);
            await scene.up({ after });
            expect(await scene.deleted()).toEqual(scene.ids);
        });
    });

    test("replaced by another profile of the same place while another resource fails: nothing is deleted", async () => {
        if (row.title.startsWith("vias.BatchTask,")) {
            return;
        }
        const scene = new Play(row);
        await scene.world.run(async () => {
            await scene.furnish();
            await scene.up({ before: { ...scene.inputs, profile: "one" } });
            const other = { before: { ...scene.inputs, profile: "other" } };
            await scene.failingUp(other);
            await scene.up(other);
            expect(scene.engine.pendingDeletes()).toEqual([]);
            expect(await scene.deleted()).toEqual([]);
            await scene.destroy();
            expect(await scene.deleted()).toEqual(scene.ids);
        });
    });
});

describe.each(ruleHolders)("$title", (row) => {
    const { byIds = row.inputs } = row;
    /** Matches the same by another rule. */
    const otherRule = (inputs: Properties): Properties =>
        JSON.parse(JSON.stringify({ ...inputs, maxItems: 20 }).replaceAll('-*"', '-?"'));
    const handOvers = [
        ["ids to a rule", byIds, row.inputs],
        ["a rule to ids", row.inputs, byIds],
        ["a rule to another rule", row.inputs, (ids: readonly string[]) => otherRule(row.inputs(ids))],
    ] as const;

    test.each(handOvers)(
        "handed over in two steps from %s: an up deletes nothing that it declares, and a destroy deletes everything once",
        async (_what, from, to) => {
            const scene = new Play(row);
            await scene.world.run(async () => {
                await scene.furnish();
                const [old, young] = [from(scene.ids), to(scene.ids)];
                await scene.up({ before: old });
                await scene.up({ before: old, after: young });
                await scene.up({ after: young });
                expect(await scene.deleted()).toEqual([]);
                await scene.destroy();
                expect(await scene.alive()).toEqual([]);
                expect(await scene.deleted()).toEqual(scene.ids);
            });
        },
    );

    test.each(handOvers)(
        "changed in place from %s: an update deletes nothing, and a destroy deletes everything once",
        async (_what, from, to) => {
            const scene = new Play(row);
            await scene.world.run(async () => {
                await scene.furnish();
                await scene.up({ same: from(scene.ids) });
                await scene.up({ same: to(scene.ids) });
                expect(await scene.deleted()).toEqual([]);
                await scene.destroy();
                expect(await scene.deleted()).toEqual(scene.ids);
            });
        },
    );

    test("dropped beside ids: what matches and nothing declares any more is deleted, what another resource declares by its id is not", async () => {
        const scene = new Play(row);
        await scene.world.run(async () => {
            await scene.furnish();
            const [kept = "", dropped = ""] = scene.ids;
            const stays = byIds([kept]);
            await scene.up({ rule: scene.inputs, stays });
            await scene.up({ stays });
            expect(await scene.alive()).toEqual([kept]);
            expect(await scene.deleted()).toEqual([dropped]);
        });
    });

    test("what was made after the up belongs to the rule: dropped ids leave it alone, and destroy deletes it", async () => {
        const scene = new Play(row);
        await scene.world.run(async () => {
            await scene.furnish();
            await scene.up({ rule: scene.inputs });
            await scene.furnish();
            const ids = byIds(scene.ids);
            await scene.up({ rule: scene.inputs, ids });
            await scene.up({ rule: scene.inputs });
            expect(await scene.deleted()).toEqual([]);
            await scene.destroy();
            expect(await scene.alive()).toEqual([]);
        });
    });
});

/** A batch task that the resource created: no argument has its id. */
const made: Row = {
    title: "vias.BatchTask, made",
    service: "vias",
    kind: "batchTasks",
    template: {},
    inputs: () => batchTask(undefined),
};

describe("vias.BatchTask, made", () => {
    const renames = stories.filter(({ name }) => /alias, and back|its URN an alias/.test(name));
    test.each(renames)("$name: an up keeps it, and a destroy deletes it once", async ({ play }) => {
        const scene = new Play(made);
        await scene.world.run(async () => {
            await scene.up({ before: scene.inputs });
            const there = await scene.alive();
            expect(there).toHaveLength(1);
            await play(scene);
            expect(await scene.alive()).toEqual(there);
            await scene.destroy();
            expect(await scene.alive()).toEqual([]);
        });
    });

    test.each([
        ["--replace, taint, replaceOnChanges after a failed initialisation", { replace: ["before"] }, {}],
        ["another service", {}, { serviceName: "vehicle-detection", serviceVersion: "2.1.0" }],
    ])(
        "replaced (%s): the old batch task is deleted first, because its name is unique, and then one exists again",
        async (_what, options, changes) => {
            const scene = new Play(made);
            await scene.world.run(async () => {
                await scene.up({ before: scene.inputs });
                const there = await scene.alive();
                await scene.up({ before: { ...scene.inputs, ...changes } }, { ...options, deleteFirst: ["before"] });
                const after = await scene.alive();
                expect(after).toHaveLength(1);
                expect(after).not.toEqual(there);
                await scene.destroy();
                expect(await scene.alive()).toEqual([]);
            });
        },
    );

    test("renamed without an alias: the create fails because the name is taken, and nothing is deleted", async () => {
        const scene = new Play(made);
        await scene.world.run(async () => {
            await scene.up({ before: scene.inputs });
            const there = await scene.alive();
            expect((await scene.engine.up({ after: scene.inputs })).is).toBe("failed");
            expect(await scene.alive()).toEqual(there);
            await scene.up({ after: { ...scene.inputs, adopt: there[0] } });
            expect(await scene.alive()).toEqual(there);
            await scene.destroy();
            expect(await scene.alive()).toEqual([]);
        });
    });

    test.each(["BatchTask", "rule"])("a %s that is dropped leaves alone what the other one holds", async (dropped) => {
        const scene = new Play(made);
        await scene.world.run(async () => {
            const rule = {
                __resource: "vias:BatchTaskDeletion",
                when: "destroy",
                matching: { names: ["task"] },
                maxItems: 1,
            };
            await scene.up({ task: scene.inputs, rule });
            const there = await scene.alive();
            expect(there).toHaveLength(1);
            await scene.up(dropped === "rule" ? { task: scene.inputs } : { rule });
            expect(await scene.alive()).toEqual(there);
            await scene.destroy();
            expect(await scene.alive()).toEqual([]);
        });
    });

    test("dropping a BatchTaskDeletion does not delete a batch task that a BatchTask owns", async () => {
        const scene = new Play(made);
        await scene.world.run(async () => {
            await scene.up({ task: scene.inputs });
            const there = await scene.alive();
            const set = { __resource: "vias:BatchTaskDeletion", when: "destroy", batchTaskIds: there };
            await scene.up({ task: scene.inputs, set });
            await scene.up({ task: scene.inputs });
            expect(await scene.alive()).toEqual(there);
        });
    });
});

describe("metastudio.AssetBatchAction that takes nothing away", () => {
    const row: Row = {
        ...assets,
        title: "metastudio.AssetBatchAction, onDestroy: UNACTIVE",
        inputs: (assetIds) => ({ __resource: "metastudio:AssetBatchAction", assetIds, onDestroy: "UNACTIVE" }),
    };

    test("renamed without an alias it does not act before destroy; dropped beside a deletion of the same assets it acts", async () => {
        const scene = new Play(row);
        await scene.world.run(async () => {
            await scene.furnish();
            const set = { __resource: "metastudio:AssetBatchDeletion", when: "destroy", assetIds: scene.ids };
            await scene.up({ before: scene.inputs, set });
            await scene.up({ after: scene.inputs, set });
            expect(await scene.deleted()).toEqual([]);
            await scene.up({ set });
            expect(await scene.deleted()).toEqual(scene.ids);
            expect(await scene.alive()).toEqual(scene.ids);
        });
    });

    test("it holds its assets: a dropped deletion leaves them alone", async () => {
        const scene = new Play(row);
        await scene.world.run(async () => {
            await scene.furnish();
            const set = { __resource: "metastudio:AssetBatchDeletion", when: "destroy", assetIds: scene.ids };
            await scene.up({ before: scene.inputs, set });
            await scene.up({ before: scene.inputs });
            expect(await scene.deleted()).toEqual([]);
        });
    });
});

describe.each(holders.filter(({ title }) => !title.startsWith("vias.BatchTask,")))("$title", (row) => {
    test("replaced by another region: exactly the targets that nothing declares in the old place any more are deleted", async () => {
        const scene = new Play(row);
        await scene.world.run(async () => {
            await scene.furnish();
            const [kept = "", dropped = ""] = scene.ids;
            await scene.up({ before: scene.inputs });
            const elsewhere = { ...scene.inputs, region: "cn-east-3", onMissing: "ignore" };
            await scene.up({ before: elsewhere, stays: { ...(row.byIds ?? row.inputs)([kept]) } });
            expect(await scene.alive()).toEqual([kept]);
            expect(await scene.deleted()).toEqual([dropped]);
        });
    });
});

describe.each([...deletionRows("create"), ...deletionRows("create").map(withRule)])("$title", (row) => {
    test.each(stories)("$name: no delete sends anything", async ({ play }) => {
        const scene = new Play(row);
        await scene.world.run(async () => {
            await scene.furnish();
            await scene.up({ before: scene.inputs });
            expect(await scene.deleted()).toEqual(scene.ids);
            await play(scene);
            await scene.destroy();
            expect(await scene.deleted()).toEqual(scene.ids);
            const deletes = scene.hooks.filter(({ hook }) => hook === "delete");
            expect(deletes.every(({ began, ended }) => began === ended)).toBe(true);
        });
    });
});
