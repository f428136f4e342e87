import { z } from "zod";
import { approvedEntryOf, approvedFileText } from "../../src/provider/guards/approved-list";
import type { Properties } from "../../src/provider/hooks";
import type { Lifecycle } from "../../src/provider/lifecycle";
import { readStoredState } from "../../src/provider/state";
import { definitionOf, services } from "../../src/services/registry";
import { deletions, roma } from "../e2e/deletions";
import { TestWorld } from "../world/world";

/** One row: a resource over targets of one kind in the emulator, and the hook that acts for it. */
interface Row {
    readonly title: string;
    readonly service: string;
    readonly kind: string;
    readonly template: Readonly<Record<string, unknown>>;
    readonly inputs: (ids: readonly string[]) => Properties;
    readonly acts: "create" | "destroy";
    /** It has a rule that matches them all instead of their ids: what is kept is left out then, and no failure. */
    readonly hasRule?: true;
}

const assets = { service: "metastudio", kind: "assets", template: { asset_name: "asset-{n}" } };

const action = (acts: Row["acts"], what: string): Row => ({
    ...assets,
    title: `metastudio.AssetBatchAction ${what} at ${acts}`,
    acts,
    inputs: (assetIds) => ({
        __resource: "metastudio:AssetBatchAction",
        assetIds,
        [acts === "create" ? "onCreate" : "onDestroy"]: what,
    }),
});

const rowsWithIds: readonly Row[] = (["create", "destroy"] as const).flatMap((acts) => [
    ...deletions.map(
        ({ type, service, kind, template, args }): Row => ({
            title: `${type}, when: ${acts}`,
            service,
            kind,
            // Tasks that run have to be stopped before their batch task can be deleted.
            template: service === "vias" ? { ...template, task_state: "RUNNING" } : template,
            acts,
            inputs: (ids) => ({ __resource: type.replace(".", ":"), when: acts, ...args(ids) }),
        }),
    ),
    {
        title: `roma.AssetBatchDeletion of tasks, when: ${acts}`,
        service: "roma",
        kind: "tasks",
        template: { task_name: "task-{n}" },
        acts,
        inputs: (taskIds) => ({ __resource: "roma:AssetBatchDeletion", when: acts, ...roma.args([]), taskIds }),
    },
    action(acts, "DELETE"),
    action(acts, "DELETE_FORCE"),
    action(acts, "UNACTIVE"),
]);

/** The same resources with a rule over names in the place of the ids. */
const rowsWithRules: readonly Row[] = rowsWithIds.map((row) => {
    const names = Object.values(row.template).flatMap((value) =>
        typeof value === "string" && value.includes("{n}") ? [value.replace("{n}", "*")] : [],
    );
    const rule = { names };
    const idInputs = ["imageServerIds", "instanceIds", "assetIds", "batchTaskIds", "appIds", "taskIds"];
    return {
        ...row,
        title: `${row.title}, matching`,
        hasRule: true,
        inputs: () => ({
            ...Object.fromEntries(Object.entries(row.inputs([])).filter(([name]) => !idInputs.includes(name))),
            matching: row.service === "roma" ? { [row.kind]: rule } : rule,
            maxItems: 100,
        }),
    };
});

const rows = [...rowsWithIds, ...rowsWithRules];

const TARGETS = 6;

type Ended =
    | { readonly is: "done"; readonly outputs: Properties }
    | { readonly is: "failed"; readonly text: string; readonly outputs: Properties | undefined }
    | { readonly is: "killed" };

const incomplete = z.object({ id: z.string(), properties: z.record(z.string(), z.unknown()) });

class Play {
    readonly world = new TestWorld({ seed: 11 });
    /** In the order of the resource. */
    ids: readonly string[] = [];
    /** Where the targets are. */
    projectId = "";
    /** The names of the targets, by id. */
    names: ReadonlyMap<string, string> = new Map();
    /** What the engine keeps of the resource. */
    outputs: Properties | undefined;
    inputs: Properties = {};
    /** Awaits of the last process. */
    awaits = 0;

    constructor(readonly row: Row) {}

    /** Seeds the targets; where the resource acts at destroy, it is created. */
    async begin(): Promise<void> {
        const { service, kind, template, acts } = this.row;
        const [ids = []] = await this.world.emulator.control.seed({
            objects: [{ service, kind, count: TARGETS, template }],
        });
        this.ids = ids.toSorted();
        const [first] = await this.world.emulator.control.objects(service, kind);
        this.projectId = first?.project ?? "";
        const objects = await this.objects();
        this.names = new Map(
            this.ids.map((id) => {
                const found = objects.find((object) => idOf(object) === id);
                return [id, String(found?.name ?? found?.asset_name ?? found?.task_name ?? found?.batch_task_name)];
            }),
        );
        this.inputs = this.row.inputs(this.ids);
        if (acts === "destroy") {
            expect(await this.create()).toMatchObject({ is: "done" });
        }
        this.world.network.log.length = 0;
    }

    /** The hook that acts, in a process of its own; with `maxItems` as if the check had let it pass. */
    act({ killAt = Number.POSITIVE_INFINITY, maxItems }: { killAt?: number; maxItems?: number } = {}): Promise<Ended> {
        this.world.killNextAt = killAt;
        const more = maxItems === undefined ? {} : { maxItems };
        return this.row.acts === "create" ? this.create(more) : this.remove(more);
    }

    private create(more: Properties = {}): Promise<Ended> {
        return this.inProcess(async (lifecycle) => {
            const { inputs, failures } = await lifecycle.check({}, { __provider: "code", ...this.inputs });
            expect(failures).toEqual([]);
            const olds = this.outputs;
            const { outs } =
                olds === undefined
                    ? await lifecycle.create({ ...inputs, ...more })
                    : await lifecycle.update("id", olds, { ...inputs, ...more });
            return outs;
        });
    }

    refresh(): Promise<Ended> {
        const { outputs = {} } = this;
        return this.inProcess(async (lifecycle) => (await lifecycle.read("id", json(outputs))).props);
    }

    private remove(more: Properties): Promise<Ended> {
        const { outputs } = this;
        if (outputs === undefined) {
            throw new Error("there is nothing to remove");
        }
        return this.inProcess(async (lifecycle) => {
            await lifecycle.remove("id", json({ ...outputs, ...more }));
            return outputs;
        });
    }

    private async inProcess(work: (lifecycle: Lifecycle) => Promise<Properties>): Promise<Ended> {
        const { lifecycle, life } = this.world.startProcess();
        const ended = await this.world.run(() =>
            Promise.race([
                life.died.then((): Ended => ({ is: "killed" })),
                work(lifecycle).then(
                    (outputs): Ended => ({ is: "done", outputs: json(outputs) }),
                    (error: unknown): Ended => {
                        const kept = incomplete.safeParse(error);
                        const text = error instanceof Error ? error.message : String(error);
                        return { is: "failed", text, outputs: kept.success ? json(kept.data.properties) : undefined };
                    },
                ),
            ]),
        );
        this.awaits = life.awaits;
        if (ended.is !== "killed" && ended.outputs !== undefined) {
            this.outputs = ended.outputs;
        }
        return ended;
    }

    /** The ids of all requests that change something so far, stops included. */
    async sent(): Promise<readonly string[]> {
        const { submissions } = await this.world.emulator.control.auditLog();
        return submissions.filter(({ service }) => service === this.row.service).flatMap(({ ids }) => ids);
    }

    private async objects(): Promise<ReadonlyArray<Record<string, unknown>>> {
        const { service, kind } = this.row;
        return (await this.world.emulator.control.objects(service, kind)).map(({ object }) => object);
    }

    /** Those to which nothing was done. */
    async untouched(): Promise<readonly string[]> {
        const touched = ["DELETING", "DELETED", "terminated", "UNACTIVED"];
        return (await this.objects())
            .filter(({ asset_state, state }) => !touched.includes(String(asset_state ?? state)))
            .map(idOf)
            .sort();
    }
}

function idOf({ id, asset_id, task_id }: Readonly<Record<string, unknown>>): string {
    return String(id ?? asset_id ?? task_id);
}

function json(properties: Properties): Properties {
    return JSON.parse(JSON.stringify(properties));
}

/** Who is refused, by ids, and the settings that say so. */
interface Refusing {
    readonly code: string;
    readonly refused: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, string>>;
    readonly configuration?: Readonly<Record<string, string>>;
    readonly wayOn: RegExp;
}

const KEEP_FILE = { HUAWEICLOUD_BATCH_KEEP: "/project/keep.txt" };
const APPROVED_FILE = { HUAWEICLOUD_BATCH_APPROVED: "/project/approved" };

const lists: ReadonlyArray<{ readonly title: string; readonly of: (play: Play) => Refusing }> = [
    {
        title: "ids on the keep list",
        of: ({ ids }) => ({
            code: "Kept",
            refused: ids.slice(2, 4),
            env: KEEP_FILE,
            files: { "/project/keep.txt": `# ours\r\n${ids.slice(2, 4).join("\r\n")}` },
            wayOn: /^Kept: .*keep list/m,
        }),
    },
    {
        title: "a name and a glob on the keep list",
        of: ({ ids, names }) => {
            const [one = "", two = ""] = ids.map((id) => names.get(id));
            return {
                code: "Kept",
                refused: ids.slice(0, 2),
                env: KEEP_FILE,
                files: { "/project/keep.txt": `${one}\n*${two.slice(1)}\n` },
                wayOn: /^Kept: .*keep list/m,
            };
        },
    },
    {
        title: "a name in stack configuration",
        of: ({ ids, names }) => ({
            code: "Kept",
            refused: ids.slice(5),
            env: {},
            configuration: { "huaweicloud-batch:keep": `${names.get(ids[5] ?? "")}, none-*` },
            wayOn: /^Kept: .*keep list/m,
        }),
    },
    {
        title: "ids that are not on the approved list",
        of: ({ ids }) => ({
            code: "NotApproved",
            refused: ids.slice(1, 3),
            env: APPROVED_FILE,
            files: { "/project/approved": ids.filter((_, n) => n !== 1 && n !== 2).join("\n") },
            wayOn: /^NotApproved: review them/m,
        }),
    },
    {
        title: "targets that are not in the approved list's JSON",
        of: (play) => ({
            code: "NotApproved",
            refused: play.ids.slice(3, 4),
            env: APPROVED_FILE,
            files: { "/project/approved": approving(play, (_, n) => n !== 3) },
            wayOn: /^NotApproved: review them/m,
        }),
    },
    {
        title: "the approved list of another project",
        of: (play) => ({
            code: "NotApproved",
            refused: play.ids,
            env: APPROVED_FILE,
            files: { "/project/approved": approving(play, () => true).replaceAll(/("projectId":")/g, "$1x") },
            wayOn: /has nothing for this place: it is for region cn-north-4/,
        }),
    },
];

/** As `plan --out` writes it. */
function approving({ row, ids, projectId }: Play, isApproved: (id: string, n: number) => boolean): string {
    const properties = row.inputs(ids);
    const definition = definitionOf(String(properties.__resource), services);
    if (definition === undefined) {
        throw new Error("no such resource");
    }
    const kind = row.kind === "apps" ? "app:" : row.kind === "tasks" ? "task:" : "";
    const place = { region: "cn-north-4", projectId };
    return approvedFileText(
        ids.filter(isApproved).map((id) => approvedEntryOf({ definition, place, properties }, `${kind}${id}`)),
    );
}

function set(play: Play, { env, files = {}, configuration = {} }: Omit<Refusing, "refused" | "code" | "wayOn">): void {
    play.world.env = env;
    play.world.files = files;
    play.world.configuration = configuration;
}

const NO_GUARDS = { env: {} };

describe.each(rows)("$title", (row) => {
    describe.each(lists)("$title", ({ of }) => {
        const play = async () => {
            const begun = new Play(row);
            await begun.begin();
            const refusing = of(begun);
            set(begun, refusing);
            return { begun, refusing };
        };

        const expectRefused = async (begun: Play, ended: Ended, { refused, code, wayOn }: Refusing) => {
            expect(await begun.untouched()).toEqual(refused.toSorted());
            expect((await begun.sent()).filter((id) => refused.includes(id))).toEqual([]);
            if (row.hasRule && code === "Kept") {
                expect(ended).toMatchObject({ is: "done" });
                return;
            }
            expect(ended.is === "failed" ? ended.text : ended.is).toMatch(wayOn);
            const text = ended.is === "failed" ? ended.text : "";
            for (const id of refused) {
                expect(text).toContain(id);
            }
            expect(text).toContain(` failed: ${code} `);
        };

        test("what is refused is not sent and fails by name; the others are; without the guard the rest follows", async () => {
            const { begun, refusing } = await play();
            const ended = await begun.act();
            await expectRefused(begun, ended, refusing);
            if (begun.outputs !== undefined && row.acts === "create" && ended.is === "failed") {
                expect(readStoredState(begun.outputs).remaining).toBe(refusing.refused.length);
            }
            set(begun, NO_GUARDS);
            if (row.acts === "create" && ended.is === "done") {
                // Nothing is open: a refresh evaluates the rule anew. An action has none.
                if (!("when" in begun.inputs)) {
                    return;
                }
                expect(await begun.refresh()).toMatchObject({ outputs: { remaining: refusing.refused.length } });
            }
            expect(await begun.act()).toMatchObject({ is: "done" });
            expect(await begun.untouched()).toEqual([]);
        });

        test("the same holds for a run that was killed, and the one that resumes it", async () => {
            const { begun: whole } = await play();
            await whole.act();
            for (const part of row.hasRule ? [0.6] : [0.4, 0.8]) {
                const { begun, refusing } = await play();
                const ended = await begun.act({ killAt: Math.ceil(part * whole.awaits) });
                expect(ended).toEqual({ is: "killed" });
                expect((await begun.sent()).filter((id) => refusing.refused.includes(id))).toEqual([]);
                await expectRefused(begun, await begun.act(), refusing);
            }
        });
    });

    test("allowedFailures allows no refusal", async () => {
        const begun = new Play({ ...row, inputs: (ids) => ({ ...row.inputs(ids), allowedFailures: TARGETS }) });
        await begun.begin();
        set(begun, { env: APPROVED_FILE, files: { "/project/approved": begun.ids.slice(1).join("\n") } });
        expect(await begun.act()).toMatchObject({
            is: "failed",
            text: expect.stringContaining("guards kept 1 of those that failed from being sent"),
        });
    });

    test("above maxItems nothing more is sent, and the next run counts anew", async () => {
        const begun = new Play(row);
        await begun.begin();
        const ended = await begun.act({ maxItems: 4 });
        expect(ended.is === "failed" ? ended.text : ended.is).toMatch(/^MaxItems: each run counts anew/m);
        expect(new Set(await begun.sent()).size).toBe(4);
        expect(await begun.untouched()).toHaveLength(2);
        expect(await begun.act({ maxItems: 4 })).toMatchObject({ is: "done" });
        expect(await begun.untouched()).toEqual([]);
    });

    test("a run that resumes a killed one counts anew for maxItems", async () => {
        const whole = new Play(row);
        await whole.begin();
        await whole.act({ maxItems: 4 });
        for (const part of row.hasRule ? [0.6] : [0.4, 0.8]) {
            const begun = new Play(row);
            await begun.begin();
            expect(await begun.act({ killAt: Math.ceil(part * whole.awaits), maxItems: 4 })).toEqual({ is: "killed" });
            const before = await begun.sent();
            expect(new Set(before).size).toBeLessThanOrEqual(4);
            await begun.act({ maxItems: 4 });
            const since = (await begun.sent()).slice(before.length);
            expect(new Set(since).size).toBeLessThanOrEqual(4);
        }
    });

    test("a list that can't be used stops everything before the first request", async () => {
        for (const variable of ["HUAWEICLOUD_BATCH_KEEP", "HUAWEICLOUD_BATCH_APPROVED"]) {
            const begun = new Play(row);
            await begun.begin();
            const files = { "/project/empty": "", "/project/binary": "\u0000\u0001" };
            for (const path of ["/project/missing", "/project/empty", "/project/binary", ""]) {
                set(begun, { env: { [variable]: path }, files });
                const stopped = { is: "failed", text: expect.stringContaining(variable) };
                expect(await begun.act()).toMatchObject(stopped);
                if (begun.outputs !== undefined && "when" in begun.inputs) {
                    expect(await begun.refresh()).toMatchObject(stopped);
                }
            }
            expect(begun.world.network.log).toEqual([]);
        }
    });

    test("what is gone already needs no approval and is no matter for the keep list", async () => {
        const begun = new Play(row);
        await begun.begin();
        expect(await begun.act()).toMatchObject({ is: "done" });
        const sent = await begun.sent();
        set(begun, {
            env: { ...KEEP_FILE, ...APPROVED_FILE },
            files: { "/project/keep.txt": "*", "/project/approved": '{"version":1,"approved":[]}' },
        });
        expect(await begun.act()).toMatchObject({ is: "done" });
        expect(await begun.sent()).toEqual(sent);
    });
});
