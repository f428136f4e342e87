import { readSeed } from "../src";
import { harness } from "./harness";

const problemOf = (seed: unknown): string => {
    try {
        readSeed(seed);
        return "";
    } catch (error) {
        return String(error);
    }
};

/** By kind: the times of a thing that was made two days ago, as its list shows it. */
const TWO_DAYS = 2 * 86_400;
const created: readonly (readonly [service: string, kind: string, field: string])[] = [
    ["workspaceapp", "imageServers", "create_time"],
    ["clouddc", "instances", "created_at"],
    ["metastudio", "assets", "create_time"],
    ["roma", "apps", "create_time"],
    ["roma", "tasks", "created_date"],
    ["vias", "batchTasks", "created_at"],
];

test.each(created)("%s %s can be as old as a seed says", async (service, kind, field) => {
    const h = harness();
    const { control } = h.emulator;
    await control.seed({
        objects: [
            { service, kind, count: 2, ageSeconds: TWO_DAYS },
            { service, kind, count: 1 },
        ],
    });
    const found = await control.objects(service, kind);
    const ages = found.map(({ object }) => {
        const value: unknown = Reflect.get(object, field);
        return (h.time.now - (typeof value === "number" ? value : Date.parse(String(value)))) / 1_000;
    });
    expect(ages.map(Math.round)).toEqual([TWO_DAYS, TWO_DAYS, 0]);
});

test("a time of its own counts more than the age", async () => {
    const h = harness();
    const objects = [{ create_time: "2020-01-02 03:04:05" }];
    await h.emulator.control.seed({ objects: [{ service: "roma", kind: "apps", objects, ageSeconds: 5 }] });
    const [app] = await h.emulator.control.objects("roma", "apps");
    expect(app?.object).toMatchObject({ create_time: "2020-01-02 03:04:05" });
});

const servers = { service: "workspaceapp", kind: "imageServers" };
const apps = { service: "roma", kind: "apps" };

test.each<readonly [unknown, string]>([
    [[], "the whole: Invalid input: expected object, received array"],
    [{ objets: [] }, "objets: unknown; did you mean objects?"],
    [{ objects: [{ ...servers, object: [] }] }, "objects[0].object: unknown; did you mean objects?"],
    [{ objects: [servers] }, "objects[0]: give either objects, or count and perhaps a template"],
    [{ objects: [{ ...servers, template: {} }] }, "objects[0]: a template needs a count"],
    [
        { objects: [{ ...servers, kind: "imageServer", objects: [] }] },
        "objects[0].kind: imageServer is unknown; did you mean imageServers?",
    ],
    [
        { objects: [{ ...servers, service: "workspacapp", objects: [] }] },
        "objects[0].service: workspacapp is unknown; did you mean workspaceapp?",
    ],
    [
        { objects: [{ service: "iam", kind: "tokens", objects: [] }] },
        "objects[0].kind: tokens is unknown; there is users, accessKeys, projects",
    ],
    [
        { objects: [{ ...servers, objects: [{}, { satus: "ACTIVE" }] }] },
        "objects[0].objects[1].satus: unknown; did you mean status?",
    ],
    [
        { objects: [{ ...servers, objects: [{ status: "BULDING" }] }] },
        'objects[0].objects[0].status: must be "CREATING" or',
    ],
    [
        { objects: [{ ...servers, objects: [{ image_ref: { idd: "1" } }] }] },
        "objects[0].objects[0].image_ref.idd: unknown; did you mean id?",
    ],
    [
        { objects: [{ ...servers, count: 3, template: { nam: "x-{n}" } }] },
        "objects[0].template.nam: unknown; did you mean name?",
    ],
    [
        { objects: [{ ...apps, objects: [{ created_user: { user_nam: "x" } }] }] },
        "objects[0].objects[0].created_user.user_nam: unknown; did you mean user_name?",
    ],
    [{ settings: { romma: {} } }, "settings.romma: unknown; did you mean roma?"],
    [{ settings: { gateway: { lockSecond: 1 } } }, "settings.gateway.lockSecond: unknown; did you mean lockSeconds?"],
    [
        { settings: { roma: { disapearance: "at-end" } } },
        "settings.roma.disapearance: unknown; did you mean disappearance?",
    ],
    [
        { settings: { roma: { disappearance: "at-ent" } } },
        'settings.roma.disappearance: must be "gradually" or "at-end"',
    ],
    [
        { durations: { roma: { "delete-asset": { kind: "fixed", ms: 1 } } } },
        "durations.roma.delete-asset: unknown; did you mean delete-assets?",
    ],
    [
        { durations: { roma: { "delete-assets": { kind: "fixed", sm: 1 } } } },
        "durations.roma.delete-assets.sm: unknown; did you mean ms?",
    ],
    [
        { throttles: [{ limit: 1, windowSeconds: 1, operation: "ListApp" }] },
        "throttles[0].operation: ListApp is unknown; did you mean ListApps?",
    ],
    [{ faults: [{ fault: "respnd" }] }, 'faults[0].fault: must be "respond" or "delay"'],
    [{ faults: [{ fault: "reset", time: 3 }] }, "faults[0].time: unknown; did you mean times?"],
    [{ faults: [{ fault: "reset", service: "rom" }] }, "faults[0].service: rom is unknown; did you mean roma?"],
    [
        { faults: [{ fault: "edit", edits: [{ do: "set", att: "/a", value: 1 }] }] },
        "faults[0].edits[0].att: unknown; did you mean at?",
    ],
    [
        { outcomes: [{ service: "roma", process: "delete-ap", outcome: "fail" }] },
        "outcomes[0].process: delete-ap is unknown; did you mean delete-app?",
    ],
    [
        { outcomes: [{ service: "roma", process: "delete-app", outcome: "fail", cod: "x" }] },
        "outcomes[0].cod: unknown; did you mean code?",
    ],
    [
        { outcomes: [{ service: "vias", process: "create-task", outcome: "lie" }] },
        "outcomes[0].outcome: lie is unknown; there is fail",
    ],
    [
        { outcomes: [{ service: "clouddc", process: "modify-ip", outcome: "fail", status: "eror" }] },
        "outcomes[0].status: eror is unknown; did you mean error?",
    ],
])("a mistake in a seed is told with its path: %j", (seed, problem) => {
    const told = problemOf(seed);
    expect(told.slice(0, "ControlProblem: ".length + problem.length)).toBe(`ControlProblem: ${problem}`);
    expect(told).not.toContain("\n");
});

test("several mistakes are one line, and a seed with a mistake anywhere changes nothing", async () => {
    const { emulator } = harness();
    const seed = {
        objects: [
            { ...servers, objects: [{ id: "1" }] },
            { ...servers, objects: [{ nmae: "a" }, { staus: "ACTIVE" }] },
        ],
    };
    await expect(emulator.control.seed(seed)).rejects.toThrow(
        "objects[1].objects[0].nmae: unknown; did you mean name?; objects[1].objects[1].staus: unknown; did you mean status?",
    );
    expect(await emulator.control.objects("workspaceapp", "imageServers")).toEqual([]);
});

test("a change of an object names what is unknown in it", async () => {
    const { emulator } = harness();
    await emulator.control.seed({ objects: [{ ...servers, objects: [{ id: "1" }] }] });
    await expect(emulator.control.change({ ...servers, id: "1", changes: { satus: "ERROR" } })).rejects.toThrow(
        "changes.satus: unknown; did you mean status?",
    );
});

test("what a service takes as any JSON may hold any name", () => {
    const vias = {
        service: "vias",
        kind: "batchTasks",
        objects: [{ output: { anything: { at: "all" } }, config: { x: 1 } }],
    };
    const metastudio = {
        service: "metastudio",
        kind: "assets",
        objects: [{ asset_extra_meta: { image_meta: { x: 1 } } }],
    };
    expect(problemOf({ objects: [vias, metastudio] })).toBe("");
});
