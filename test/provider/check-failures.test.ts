import { withoutEngine } from "../../src/provider/engine-watch";
import { shownFailures, shownValue } from "../../src/provider/inputs/check-failures";
import { createLifecycle } from "../../src/provider/lifecycle";
import { hooksOf } from "../../src/provider/resource-hooks";
import { ProviderProcess } from "../hostile/provider-process";

/** Check reports a wrong argument with its property and a shortened value, and never shows a secret. */

const SECRET_TEXT = "PLANTED-SECRET";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const servers = { imageServerIds: ["1"], recursive: false, when: "create" };
const task = {
    name: "counting",
    serviceName: "people-counting",
    serviceVersion: "1.0.0",
    batchInput: { videoSourceGroup: [{ videoSourceGroupId: "g", videoSourceList: [{ videoSourceId: "s" }] }] },
    output: { webhook: { url: "https://hooks.example.com", headers: { Authorization: SECRET_TEXT } } },
};

async function failures(resource: string, properties: Record<string, unknown>) {
    const { context } = new ProviderProcess({ env: {} });
    const lifecycle = createLifecycle(withoutEngine, (name) => hooksOf(name, context));
    return (await lifecycle.check({}, { __resource: resource, __urn: "urn", ...properties })).failures;
}
const ofServers = (args: Record<string, unknown>) =>
    failures("workspaceapp:ImageServerBatchDeletion", { ...servers, ...args });
const ofTask = (args: Record<string, unknown>) => failures("vias:BatchTask", { ...task, ...args });

test.each([
    ["a b", '"a b"'],
    ['say "x"\\', '"say \\"x\\"\\\\"'],
    ["\u001b[31mred\u0007\n", '"\\u{1b}[31mred\\u{07}\\n"'],
    ["\u202eabc\u200b\ufeff\u00a0", '"\\u{202e}abc\\u{200b}\\u{feff}\\u{a0}"'],
    ["\ud83d", '"\\u{d83d}"'],
    ["😀".repeat(100), `"${"😀".repeat(60)}…"`],
    ["中文", '"中文"'],
    [7, "7"],
    [true, "true"],
    [null, "null"],
    [["x", "y"], "a list of 2"],
    [{ x: 1 }, "an object"],
])("%j is shown as %s", (value, shown) => {
    expect(shownValue(value)).toBe(shown);
});

test("a refused id is shown with its index in the list", async () => {
    expect(await ofServers({ imageServerIds: ["fine", "a b\u001b[2J"] })).toEqual([
        { property: "imageServerIds[1]", reason: expect.stringMatching(/, not "a b\\u\{1b\}\[2J"$/) },
    ]);
});

test.each([
    ["region", { region: "eu west" }, '"eu west"'],
    ["projectId", { projectId: "../x" }, '"../x"'],
    ["enterpriseProjectId", { enterpriseProjectId: "a/b" }, '"a/b"'],
    ["timeout", { timeout: "soon" }, '"soon"'],
    ["stallTimeout", { stallTimeout: "-1h" }, '"-1h"'],
    ["maxItems", { maxItems: -3 }, "-3"],
    ["allowedFailures", { allowedFailures: 1.5 }, "1.5"],
    ["onMissing", { onMissing: "warn" }, '"warn"'],
    ["when", { when: "later" }, '"later"'],
    ["recursive", { recursive: "yes" }, '"yes"'],
    ["imageServerIds", { imageServerIds: "1" }, '"1"'],
])("%s: its refused value is shown", async (property, args, shown) => {
    expect(await ofServers(args)).toEqual([{ property, reason: expect.stringContaining(shown) }]);
});

test("too many targets are a failure of maxItems, not of the list, which the engine would print", async () => {
    const imageServerIds = Array.from({ length: 2_000 }, (_, n) => `server-${n}`);
    expect(await ofServers({ imageServerIds, maxItems: 50 })).toEqual([
        { property: "maxItems", reason: "2000 targets are declared, and maxItems allows 50" },
    ]);
});

test("twenty problems are shown, then how many more there are", async () => {
    const imageServerIds = Array.from({ length: 30 }, (_, n) => `a b${n}`);
    const failures = await ofServers({ imageServerIds });
    expect(failures).toHaveLength(21);
    expect(failures[19]).toMatchObject({ property: "imageServerIds[19]" });
    expect(failures[20]).toEqual({ property: "", reason: "and 10 more problems" });
});

describe("a number where a string belongs", () => {
    const way = "set it with `--type string`, and write it in quotes in a program or a YAML file";
    test.each([
        ["workspaceapp:ImageServerBatchDeletion", { ...servers, imageServerIds: [51234567] }, "imageServerIds[0]"],
        ["vias:BatchTaskDeletion", { when: "create", batchTaskIds: [1] }, "batchTaskIds[0]"],
        ["clouddc:InstanceBatchDeletion", { when: "create", instanceIds: ["a", 2] }, "instanceIds[1]"],
        ["vias:BatchTask", { ...task, adopt: 4711 }, "adopt"],
        [
            "vias:BatchTask",
            { ...task, batchInput: { videoSourceGroup: [{ videoSourceGroupId: 12 }] } },
            "batchInput.videoSourceGroup[0].videoSourceGroupId",
        ],
        ["workspaceapp:ImageServerBatchDeletion", { ...servers, projectId: 5 }, "projectId"],
    ])("%s %j: the failure names the cause and the remedy", async (resource, args, property) => {
        expect(await failures(resource, args)).toEqual([{ property, reason: expect.stringContaining(way) }]);
    });

    test("that is not whole has lost no digits", async () => {
        const [half] = await ofServers({ imageServerIds: [1.5] });
        expect(half?.reason).toMatch(/^1\.5 is a number; what is asked for is a string\. /);
    });

    test("that is too long gets the reason that digits are lost", async () => {
        const [long] = await ofServers({ imageServerIds: [Number("512345678901234567")] });
        expect(long?.reason).toMatch(/^512345678901234\d+ is a number, and as one has lost its last digits; /);
        const [short] = await ofServers({ imageServerIds: [7] });
        expect(short?.reason).toMatch(/^7 is a number; /);
    });
});

describe("what is secret is not shown", () => {
    test("an argument that the program marks", async () => {
        const failures = await ofServers({
            imageServerIds: ["fine", `${SECRET_TEXT} x`],
            __secrets: ["imageServerIds"],
        });
        expect(failures).toEqual([
            { property: "imageServerIds[1]", reason: expect.stringMatching(/, not a secret value$/) },
        ]);
        expect(await ofServers({ region: `${SECRET_TEXT} x`, __secrets: ["region"] })).toEqual([
            { property: "", reason: expect.stringMatching(/^region: .*, not a secret value$/) },
        ]);
        // A message that begins with the value.
        expect(await ofServers({ timeout: `${SECRET_TEXT} "x"`, __secrets: ["timeout"] })).toEqual([
            { property: "", reason: expect.stringMatching(/^timeout: a secret value is not a duration/) },
        ]);
    });

    test.each([
        ["not an object", SECRET_TEXT],
        ["a webhook that is a string", { webhook: SECRET_TEXT }],
        ["an address that is none", { webhook: { ...task.output.webhook, url: SECRET_TEXT } }],
        ["a header that is a number", { webhook: { ...task.output.webhook, headers: { Authorization: 4711 } } }],
        ["no headers", { webhook: { url: `https://x.example.com/${SECRET_TEXT}`, headers: {} } }],
        ["a name that does not exist", { webhok: { url: SECRET_TEXT } }],
        ["nothing to send to", { eventCenter: false, obs: undefined }],
    ])("a batch task's output: %s", async (_, output) => {
        const failures = await ofTask({ output });
        expect(failures.length).toBeGreaterThan(0);
        expect(JSON.stringify(failures)).not.toMatch(/PLANTED|4711/);
        // The engine prints the whole value of an argument that a failure names.
        expect(failures.map(({ property }) => property)).not.toContain("output");
    });

    test("no failure makes the engine print a secret, a list or a control character", () => {
        const news = {
            __resource: "vias:BatchTask",
            output: SECRET_TEXT,
            batchInput: {},
            name: "a\u001bb",
            description: "x".repeat(500),
            region: "eu west",
        };
        const failures = shownFailures(
            news,
            Object.keys(news).map((property) => ({ property, reason: "is wrong" })),
        );
        expect(failures).toEqual([
            { property: "__resource", reason: "is wrong" },
            { property: "", reason: "output: is wrong" },
            { property: "", reason: "batchInput: is wrong" },
            { property: "", reason: "name: is wrong" },
            { property: "", reason: "description: is wrong" },
            { property: "region", reason: "is wrong" },
        ]);
    });
});

test("an unknown argument is named in printable characters", async () => {
    const failures = await ofServers({ "a\u001b[2Jb": SECRET_TEXT });
    expect(failures).toEqual([
        { property: '"a\\u{1b}[2Jb"', reason: expect.stringContaining("there is no such argument") },
    ]);
});

test("known values beside an unknown one are checked, with the index from the program", async () => {
    const group = {
        videoSourceGroupId: UNKNOWN,
        videoSourceList: [{ videoSourceId: UNKNOWN }, { videoSourceId: "a b" }],
    };
    expect(await ofTask({ batchInput: { videoSourceGroup: [group] } })).toEqual([
        {
            property: "batchInput.videoSourceGroup[0].videoSourceList[1].videoSourceId",
            reason: expect.stringContaining('"a b"'),
        },
    ]);
    expect(await ofTask({ batchInput: { videoSourceGroup: [group.videoSourceGroupId] } })).toEqual([]);
});

describe("all problems of a batch task's body are reported at once", () => {
    const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`H${n}`, "x"]));
    const hook = { url: "https://hooks.example.com" };
    test.each<[string, object, readonly (readonly [string, string])[]]>([
        [
            "headers: a value, the name of another, and how many there are",
            { webhook: { ...hook, headers: { ...eleven, H1: 5, "": "x" } } },
            [
                ["output.webhook.headers.H1", "a secret value is a number"],
                ["output.webhook.headers", "a header must have a name"],
                ["output.webhook.headers", "a webhook has 1 to 10 headers"],
            ],
        ],
        [
            "a header without a name, whose value is wrong too",
            { webhook: { ...hook, headers: { "": 5 } } },
            [
                ['output.webhook.headers[""]', "a secret value is a number"],
                ["output.webhook.headers", "a header must have a name"],
            ],
        ],
        [
            "an unknown output, and no other one",
            { obss: { bucket: "counts" }, eventCenter: "yes" },
            [
                ["output.eventCenter", "must be a boolean, not a secret value"],
                [
                    "output.obss",
                    "there is no such property (did you mean obs?); there are: obs, dis, webhook, eventCenter",
                ],
                ["", "output: at least one output"],
            ],
        ],
        [
            "headers that are none",
            { webhook: { ...hook, headers: [] } },
            [["output.webhook.headers", "must be an object"]],
        ],
    ])("%s", async (_, output, failures) => {
        const found = await ofTask({ output });
        expect(found).toEqual(
            failures.map(([property, reason]) => ({ property, reason: expect.stringContaining(reason) })),
        );
    });
});

test.each<[object, string, string]>([
    [
        { batchInput: { videoSourceGroup: [{ videoSourceGroupId: "g", videoSourceLst: [] }] } },
        "batchInput.videoSourceGroup[0].videoSourceLst",
        "there is no such property (did you mean videoSourceList?); there are: videoSourceGroupId, videoSourceList",
    ],
    [
        {
            schedule: {
                type: "weekly",
                timezone: "+08:00",
                daysOfWeek: [1],
                periods: [[{ beginAt: "08:00:00", endAt: "09:00:00", zzzzzz: 1 }]],
            },
        },
        "schedule.periods[0][0].zzzzzz",
        "there is no such property; there are: beginAt, endAt",
    ],
    [
        { config: { common: {}, comon: {} } },
        "config.comon",
        "there is no such property (did you mean common?); there are: common",
    ],
])(
    "%j: an unknown nested name is reported with the nearest known name and all names at its path",
    async (args, property, reason) => {
        expect(await ofTask({ ...args })).toEqual([{ property, reason }]);
    },
);
