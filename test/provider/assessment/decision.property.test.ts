import fc from "fast-check";
import { assess } from "../../../src/provider/assessment/assess";
import { type Assessment, isNothing } from "../../../src/provider/assessment/assessment";
import { definitionOf, services } from "../../../src/services/registry";
import { TestWorld } from "../../world/world";

/** What a preview or a plan says is due is what the run then submits: the two decide alike, whatever stands in the way. */

interface Row {
    readonly resource: string;
    readonly service: string;
    readonly kind: string;
    readonly input: string;
    readonly idOf: string;
    readonly nameOf: string;
    readonly states: ReadonlyArray<Readonly<Record<string, string>>>;
    readonly more?: Readonly<Record<string, unknown>>;
}

const imageServers: Row = {
    resource: "workspaceapp:ImageServerBatchDeletion",
    service: "workspaceapp",
    kind: "imageServers",
    input: "imageServerIds",
    idOf: "id",
    nameOf: "name",
    states: ["ACTIVE", "BUILT", "CREATING", "DELETING", "ERROR"].map((status) => ({ status })),
};

const rows: readonly Row[] = [
    imageServers,
    {
        resource: "clouddc:InstanceBatchDeletion",
        service: "clouddc",
        kind: "instances",
        input: "instanceIds",
        idOf: "id",
        nameOf: "name",
        states: ["running", "stopped", "terminated", "shutting-down"].map((state) => ({ state })),
    },
    {
        resource: "metastudio:AssetBatchDeletion",
        service: "metastudio",
        kind: "assets",
        input: "assetIds",
        idOf: "asset_id",
        nameOf: "asset_name",
        states: ["ACTIVED", "UNACTIVED", "DELETING", "DELETED"].map((asset_state) => ({ asset_state })),
    },
    {
        resource: "roma:AssetBatchDeletion",
        service: "roma",
        kind: "apps",
        input: "appIds",
        idOf: "id",
        nameOf: "name",
        states: [{}],
        more: { instanceId: "01234567-89ab-4cde-8f01-23456789abcd" },
    },
    {
        resource: "vias:BatchTaskDeletion",
        service: "vias",
        kind: "batchTasks",
        input: "batchTaskIds",
        idOf: "id",
        nameOf: "batch_task_name",
        states: ["STOPPED", "RUNNING"].map((task_state) => ({ task_state })),
    },
];

const scene = fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    row: fc.constantFrom(...rows),
    when: fc.constantFrom("create", "destroy"),
    states: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    gone: fc.nat({ max: 2 }),
    byRule: fc.boolean(),
    kept: fc.array(fc.nat({ max: 8 }), { maxLength: 2 }),
    approved: fc.option(fc.array(fc.nat({ max: 8 }), { minLength: 1, maxLength: 6 }), { nil: undefined }),
    maxItems: fc.nat({ max: 8 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

const GONE: Readonly<Record<string, string>> = {
    workspaceapp: "5000000000000000000",
    clouddc: "00000000-0000-4000-8000-00000000000",
    metastudio: `${"a0000000000000000000000000000000"[0]}000000000000000000000000000000`,
    roma: "00000000-0000-4000-8000-00000000000",
    vias: "b000000000000000000000000000000",
};

async function play(given: Scene) {
    const { row, when, byRule } = given;
    const world = new TestWorld({ seed: given.seed });
    const { control } = world.emulator;
    const objects = given.states.map((n, i) => ({
        ...row.states[n % row.states.length],
        [row.nameOf]: `web-${i}`,
    }));
    await control.seed({ settings: { metastudio: { deletedRecordSeconds: null } } });
    const [ids = []] = await control.seed({ objects: [{ service: row.service, kind: row.kind, objects }] });
    const declared = [...ids, ...Array.from({ length: given.gone }, (_, n) => `${GONE[row.service]}${n}`)];
    if (given.kept.length > 0) {
        world.files = { "keep.txt": given.kept.map((n) => `web-${n}`).join("\n") };
        world.env = { HUAWEICLOUD_BATCH_KEEP: "keep.txt" };
    }
    if (given.approved !== undefined) {
        const text = given.approved.map((n) => ids[n % ids.length] ?? "").join("\n");
        world.files = { ...world.files, "approved.txt": text };
        world.env = { ...world.env, HUAWEICLOUD_BATCH_APPROVED: "approved.txt" };
    }
    // Of ids check refuses more than maxItems.
    const limits = byRule ? { maxItems: given.maxItems } : {};
    const targets = byRule ? { matching: { names: ["web-?"] } } : { [row.input]: declared };
    const news = {
        __resource: row.resource,
        when,
        onMissing: "ignore",
        timeout: "12h",
        allowedFailures: 20,
        ...row.more,
        ...(row.kind === "apps" && byRule ? { matching: { apps: { names: ["web-?"] } } } : targets),
        ...limits,
    };
    const definition = definitionOf(row.resource, services);
    if (definition === undefined) {
        throw new Error(row.resource);
    }
    return world.run(async () => {
        const { lifecycle, context } = world.startProcess();
        const { inputs, failures } = await lifecycle.check({}, news);
        expect(failures).toEqual([]);
        const signal = new AbortController().signal;
        const created = when === "destroy" ? await lifecycle.create(inputs) : undefined;
        expect((await control.auditLog()).submissions).toEqual([]);
        const assessed = await assess(
            context,
            created === undefined
                ? { definition, properties: inputs, moment: "create", where: {} }
                : {
                      definition,
                      properties: created.outs,
                      moment: "destroy",
                      where: { stored: { region: "cn-north-4", projectId: "0123456789abcdef0123456789abcdef" } },
                  },
            signal,
        );
        if (isNothing(assessed)) {
            throw new Error(assessed.nothing);
        }
        const { lifecycle: next } = world.startProcess();
        await (created === undefined ? next.create(inputs) : next.remove(created.id, created.outs)).catch(() => {});
        const submitted = (await control.auditLog()).submissions
            .filter(({ accepted }) => accepted)
            .flatMap(({ ids: sent }) => sent);
        return { assessed, submitted: [...new Set(submitted)].sort() };
    });
}

function due({ targets }: Assessment): readonly string[] {
    return targets
        .filter(({ fate }) => fate === "due" || fate === "waits")
        .map(({ id }) => id)
        .sort();
}

const ABOVE_MAX_ITEMS = {
    seed: 1,
    row: imageServers,
    when: "create",
    gone: 0,
    byRule: true,
    approved: undefined,
    maxItems: 1,
} as const;
/** Of several the first by id are sent, whatever the order of the lists, and those that are ready before those that wait. */
const limited: Scene[] = [
    { ...ABOVE_MAX_ITEMS, kept: [], states: [0, 0, 0] },
    { ...ABOVE_MAX_ITEMS, kept: [], states: [0, 0, 2] },
];

test("what is assessed as due, and nothing else, is submitted by the run that follows", async () => {
    let submitted = 0;
    await fc.assert(
        fc.asyncProperty(scene, async (given) => {
            const played = await play(given);
            submitted += played.submitted.length;
            expect(played.submitted).toEqual(due(played.assessed));
            const { counts, targets } = played.assessed;
            expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(targets.length);
        }),
        { numRuns: 60, examples: limited.map((each): [Scene] => [each]) },
    );
    expect(submitted).toBeGreaterThan(30);
}, 120_000);
