import { type Foreseen, Foresight } from "../../../src/provider/assessment/foresight";
import { Gathering } from "../../../src/provider/assessment/gathering";
import type { AssessmentContext } from "../../../src/provider/assessment/subject";
import { abortable } from "../../../src/util/abort";
import { TestWorld } from "../../world/world";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const PLACE = { region: "cn-north-4", projectId: "0123456789abcdef0123456789abcdef" };

let world: TestWorld;
beforeEach(() => {
    world = new TestWorld({ seed: 7 });
});

async function servers(count: number, template: Record<string, unknown> = { name: "web-{n}" }): Promise<string[]> {
    const [ids = []] = await world.emulator.control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", count, template }],
    });
    return ids;
}

const created = { resourceId: UNKNOWN, place: UNKNOWN };
const updated = { resourceId: "cn-north-4/0123/1", place: UNKNOWN };

function deletion(
    ids: unknown,
    more: Record<string, unknown> = {},
    answered: Foreseen["answered"] = created,
): Foreseen {
    const resource = "workspaceapp:ImageServerBatchDeletion";
    const { name = "old", ...args } = more;
    return {
        resource,
        name: String(name),
        inputs: { __resource: resource, when: "create", imageServerIds: ids, ...args },
        answered,
    };
}

async function lines(foreseen: readonly Foreseen[], context?: Partial<AssessmentContext>): Promise<string[]> {
    const said: string[] = [];
    const all = { ...world.startProcess().context, ...context };
    const foresight = new Foresight(all, new Gathering(all.clock, 100, 1_000));
    const show = {
        info: (text: string) => void said.push(text),
        warn: (text: string) => void said.push(`warning: ${text}`),
        ofStack: (text: string) => void said.push(`stack: ${text}`),
    };
    await world.run(() => Promise.all(foreseen.map((each) => foresight.see(each, show))));
    return said;
}

async function operations(): Promise<string[]> {
    return (await world.emulator.control.requests()).map(({ operation }) => String(operation));
}

test("one that is to be created is looked for where create would act, and named", async () => {
    const [id = ""] = await servers(1);
    expect(await lines([deletion([id])])).toEqual([
        "would delete 1 image server in cn-north-4 (region from HW_REGION_NAME): web-0 (ACTIVE)",
    ]);
    expect(await lines([deletion([id], { when: "destroy" })])).toEqual([
        "destroy would delete 1 image server in cn-north-4 (region from HW_REGION_NAME): web-0 (ACTIVE)",
    ]);
});

test("of one that is to be updated the stored place is not known: it looks with an explicit one alone", async () => {
    const [id = ""] = await servers(1);
    expect(await lines([deletion([id], {}, updated)])).toEqual([
        "not looked: the stored place isn't known here; see plan",
    ]);
    expect(await lines([deletion([id], { region: "cn-north-4" }, updated)])).toEqual([
        "not looked: the stored place isn't known here; see plan",
    ]);
    expect(await operations()).toEqual([]);
    expect(await lines([deletion([id], PLACE, updated)])).toEqual([
        "would delete up to 1 image server in cn-north-4 (region from the argument region): web-0 (ACTIVE)",
    ]);
});

test("of one that stays as it is it says what destroy would do, or what is there again", async () => {
    const [id = ""] = await servers(1);
    const stored = (when: string) => ({
        resourceId: "cn-north-4/0123/1",
        when,
        imageServerIds: [id],
        place: PLACE,
        counts: { deleted: 0, alreadyGone: 0, done: 0, alreadyDone: 0, failed: 0, unknown: 0 },
        remaining: when === "create" ? 0 : 1,
        open: [],
        failed: [],
        failedMore: 0,
        jobs: [],
        jobsMore: 0,
        allowedToFail: UNKNOWN,
        schemaVersion: 1,
    });
    expect(await lines([deletion([id], { when: "destroy" }, stored("destroy"))])).toEqual([
        "destroy would delete 1 image server in cn-north-4: web-0 (ACTIVE)",
    ]);
    expect(await lines([deletion([id], {}, stored("create"))])).toEqual([
        "would delete nothing of 1 image server in cn-north-4; 1 is left alone: " +
            "it is there again, which the state does not know yet: `pulumi up --refresh` acts on it",
    ]);
});

test("it says how many ids are not known yet, and looks for the others", async () => {
    const [id = ""] = await servers(1);
    expect(await lines([deletion([id, UNKNOWN, UNKNOWN])])).toEqual([
        "would delete 1 image server in cn-north-4 (region from HW_REGION_NAME): web-0 (ACTIVE); 2 of 3 ids of imageServerIds are not known yet",
    ]);
    expect(await lines([deletion(UNKNOWN)])).toEqual(["not looked: imageServerIds: not known yet, nor how many"]);
    expect(await lines([deletion([id], { region: UNKNOWN })])).toEqual(["not looked: region is not known yet"]);
});

test("most or all of the declared ones missing is a warning that says where each part of the place came from", async () => {
    const [id = ""] = await servers(1);
    const where = `in region cn-north-4 (HW_REGION_NAME), project ${PLACE.projectId} (the project named cn-north-4)`;
    const end = "gone, or the region or project is not theirs";
    const missing = ["50000000000000000001", "50000000000000000002"];
    expect(await lines([deletion(missing)])).toContainEqual(
        `warning: none of the 2 image servers is there, ${where}: ${end}`,
    );
    expect(await lines([deletion([id, ...missing])])).toContainEqual(
        `warning: 2 of the 3 image servers are not there, ${where}: ${end}`,
    );
    expect((await lines([deletion(missing, { onMissing: "ignore" })])).join()).not.toContain("warning");
});

test("secret ids are shown by their number, and names not at all", async () => {
    const ids = await servers(2);
    const said = await lines([deletion(ids, { __secrets: ["imageServerIds"] })]);
    expect(said).toEqual([
        "would delete 2 image servers in cn-north-4 (region from HW_REGION_NAME): #1 of 2 (ACTIVE), #2 of 2 (ACTIVE)",
    ]);
});

test("resources look together: one list for all of them, as in a run", async () => {
    const ids = await servers(40);
    const said = await lines(ids.map((id, n) => deletion([id], { name: `old-${n}` })));
    expect(said).toHaveLength(40);
    expect((await operations()).filter((operation) => operation === "ListImageServers")).toHaveLength(1);
});

test("a refused identity is tried once, and told in one line", async () => {
    world.env = { HW_SECRET_KEY: "wrong" };
    const ids = await servers(7);
    const said = await lines(ids.map((id, n) => deletion([id], { name: `old-${n}`, ...PLACE })));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^stack: preview did not look at the cloud for old-\d.* and 2 more: .*HTTP 401/);
    expect(await world.emulator.control.requests()).toHaveLength(1);
});

test("without credentials it says so in one line, and sends nothing", async () => {
    world.env = { HW_ACCESS_KEY: "", HW_SECRET_KEY: "" };
    const said = await lines([deletion(["1"]), deletion(["2"], { name: "older" })]);
    expect(said).toEqual([
        expect.stringMatching(/^stack: preview did not look at the cloud for old, older: CredentialsMissing: /),
    ]);
    expect(await world.emulator.control.requests()).toEqual([]);
});

test("after 20 seconds it gives up, and says what it did not get to", async () => {
    const began = world.clock.now();
    const said = await lines([deletion(["1"]), deletion(["2"], { name: "older" })], {
        connect: (_request, signal) => abortable(signal, () => () => undefined),
    });
    expect(said).toEqual(["stack: preview did not look at the cloud for old, older: 20 s were up"]);
    expect(world.clock.now() - began).toBeLessThan(21_500);
    expect(world.clock.sleepers).toBe(0);
});

test("what check refuses is left to check", async () => {
    expect(await lines([deletion(["no id"], {})])).toEqual([]);
    expect(await operations()).toEqual([]);
});

test("a keep list that can't be read is told once, for it stops every hook", async () => {
    world.env = { HUAWEICLOUD_BATCH_KEEP: "keep.txt" };
    const ids = await servers(3);
    expect(await lines(ids.map((id, n) => deletion([id], { name: `old-${n}` })))).toEqual([
        expect.stringMatching(/^stack: .*old-0, old-1, old-2: HUAWEICLOUD_BATCH_KEEP: keep.txt can't be read/),
    ]);
    expect(await operations()).toEqual([]);
});

test("a batch task whose name is taken can't be created, and says how to take it over", async () => {
    const [[id = ""] = []] = await world.emulator.control.seed({
        objects: [{ service: "vias", kind: "batchTasks", objects: [{ batch_task_name: "counting" }] }],
    });
    const body = {
        name: "counting",
        serviceName: "people-counting",
        serviceVersion: "1.0.0",
        batchInput: { videoSourceGroup: [{ videoSourceGroupId: "g", videoSourceList: [{ videoSourceId: "s" }] }] },
        output: { obs: { bucket: "counts", path: "north" } },
    };
    const resource = "vias:BatchTask";
    const foreseen = { resource, name: "counting", inputs: { __resource: resource, ...body }, answered: created };
    expect(await lines([foreseen])).toEqual([
        `would create nothing of 1 batch task in cn-north-4 (region from HW_REGION_NAME); 1 can't be done: ` +
            `the name counting is taken by the batch task ${id}: give another name, or adopt: "${id}"`,
    ]);
});
