import { check } from "../../src/provider/dynamic";

/** A rule whose parts are unset, misspelt or match everything is refused before anything is sent. */

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2";
const UNKNOWN_OBJECT = "dd056dcd-154b-4c76-9bd3-c8f88648b5ff";

const ids: Readonly<Record<string, string>> = {
    "workspaceapp:ImageServerBatchDeletion": "imageServerIds",
    "clouddc:InstanceBatchDeletion": "instanceIds",
    "metastudio:AssetBatchDeletion": "assetIds",
    "metastudio:AssetBatchAction": "assetIds",
    "vias:BatchTaskDeletion": "batchTaskIds",
    "roma:AssetBatchDeletion": "appIds",
};
const SERVERS = "workspaceapp:ImageServerBatchDeletion";
const INSTANCES = "clouddc:InstanceBatchDeletion";
const ASSETS = "metastudio:AssetBatchDeletion";
const BATCH_TASKS = "vias:BatchTaskDeletion";
const ROMA = "roma:AssetBatchDeletion";

const rest = (resource: string): object =>
    resource === "metastudio:AssetBatchAction"
        ? { onCreate: "SHARE" }
        : resource === ROMA
          ? { when: "destroy", instanceId: "i" }
          : { when: "destroy" };

async function checked(resource: string, news: object) {
    const { inputs, failures = [] } = await check({}, { __resource: resource, ...rest(resource), ...news });
    return {
        matching: inputs.matching,
        failures: failures.map(({ property, reason }) => (property === "" ? reason : `${property}: ${reason}`)),
    };
}

const failures = async (resource: string, matching: unknown, news: object = { maxItems: 5 }) =>
    (await checked(resource, { matching, ...news })).failures;

const rule = (resource: string, criteria: unknown) => (resource === ROMA ? { apps: criteria } : criteria);
const at = (resource: string) => (resource === ROMA ? "matching.apps" : "matching");
const resources = Object.keys(ids);

describe.each(resources)("%s", (resource) => {
    const failing = (criteria: unknown, news?: object) => failures(resource, rule(resource, criteria), news);

    test("a rule in the place of ids is fine", async () => {
        expect(await failing({ names: ["web-*"] })).toEqual([]);
        expect(await failing({ olderThan: "30d" })).toEqual([]);
        expect(await failing({ newerThan: "36h" })).toEqual([]);
    });

    test("a rule needs maxItems, which may be unknown yet", async () => {
        expect(await failing({ names: ["web-*"] }, {})).toEqual([
            "maxItems: must be given with matching: the most targets that one run may act on",
        ]);
        expect(await failing({ names: ["web-*"] }, { maxItems: null })).toHaveLength(1);
        expect(await failing({ names: ["web-*"] }, { maxItems: UNKNOWN })).toEqual([]);
    });

    test("ids or a rule, not both, empty lists and unknown ones included", async () => {
        const list = ids[resource] ?? "";
        for (const given of [["a1"], [], UNKNOWN_LIST, [UNKNOWN]]) {
            expect(await failing({ names: ["web-*"] }, { [list]: given, maxItems: 5 })).toEqual([
                `matching: names targets by a rule, and ${list} by their ids: give one of them`,
            ]);
        }
    });

    test.each([
        ["names of only *", { names: ["*"] }],
        ["names of only * and ?", { names: ["?*", "**"] }],
        ["a name of only ? beside another", { names: ["??", "web-*"] }],
        ["except alone", { except: ["web-1"] }],
        ["except and *", { names: ["*"], except: ["web-*"] }],
    ])("%s matches everything", async (_, criteria) => {
        expect(await failing(criteria)).toEqual([expect.stringContaining(`${at(resource)}: would match everything`)]);
    });

    test("what does not narrow is fine beside what does", async () => {
        expect(await failing({ names: ["*"], olderThan: "1d" })).toEqual([]);
    });

    test.each([
        ["undefined", undefined],
        ["null", null],
        ["an empty text", ""],
        ["an empty list", []],
        ["a list with an empty text", [""]],
        ["a list with null", [null]],
        ["a list with white space", ["web-* "]],
        ["a list with a control character", ["web\u0000"]],
        ["a text in the place of a list", "web-*"],
        ["a number", [5]],
        ["a list in a list", [["web-*"]]],
        ["too many", Array.from({ length: 1_001 }, (_, n) => `web-${n}`)],
        ["too long", ["w".repeat(257)]],
    ])("names that are %s are refused: they never match more", async (_, names) => {
        for (const others of [{}, { except: ["x"] }]) {
            expect(await failing({ names, ...others })).not.toEqual([]);
        }
        // Check itself sees no key that is undefined.
        if (names !== undefined) {
            expect(await failing({ names, olderThan: "1d" })).not.toEqual([]);
        }
    });

    test.each(["0", "0s", "0d", "-1d", "- 1d", "", " ", "1", "1w", "1d ", "d", "3651d", "1e3d", "∞d", null, 5, {}, []])(
        "an age of %j is refused",
        async (age) => {
            for (const name of ["olderThan", "newerThan"]) {
                const found = await failing({ names: ["web-*"], [name]: age });
                expect(found).toEqual([expect.stringContaining(`${at(resource)}.${name}: `)]);
            }
        },
    );

    test("nothing is older than two days and newer than one", async () => {
        expect(await failing({ olderThan: "2d", newerThan: "1d" })).toEqual([
            `${at(resource)}: would match nothing: nothing is older than 2d and newer than 1d`,
        ]);
        expect(await failing({ olderThan: "24h", newerThan: "1d" })).toHaveLength(1);
        expect(await failing({ olderThan: "1d", newerThan: "2d" })).toEqual([]);
    });

    test("an unknown criterion is refused with the nearest name", async () => {
        expect(await failing({ nmaes: ["web-*"] })).toEqual([
            expect.stringContaining(`${at(resource)}.nmaes: there is no such property (did you mean names?)`),
        ]);
    });

    test.each([[[]], ["web-*"], [5], [true], [{}]])("a rule that is %j is refused", async (criteria) => {
        expect(await failing(criteria)).not.toEqual([]);
    });

    test("without ids and without a rule, or with one that is null: ids must be given", async () => {
        const list = ids[resource] ?? "";
        const none =
            resource === ROMA ? [] : [`${list}: must be given, or matching; for no targets at all give an empty list`];
        expect((await checked(resource, { maxItems: 5 })).failures).toEqual(none);
        expect((await checked(resource, { matching: null, maxItems: 5 })).failures).toEqual(none);
    });

    test("what is not known yet passes, what is known beside it is judged", async () => {
        expect(await failures(resource, UNKNOWN_OBJECT)).toEqual([]);
        expect(await failing({ names: UNKNOWN_LIST })).toEqual([]);
        expect(await failing({ names: [UNKNOWN] })).toEqual([]);
        expect(await failing({ names: ["*", UNKNOWN], except: [UNKNOWN] })).toEqual([]);
        expect(await failing({ names: [UNKNOWN], olderThan: "0d" })).toHaveLength(1);
        expect(await failing({ names: [UNKNOWN], nmaes: ["x"] })).toHaveLength(1);
    });

    test("what is secret is not shown", async () => {
        const secret = { __secrets: ["matching"], maxItems: 5 };
        for (const criteria of [
            { names: ["PLANTED "] },
            { names: ["ok"], olderThan: "PLANTED" },
            { names: ["PLANTED"], states: ["PLANTED"] },
            { names: "PLANTED" },
        ]) {
            const found = await failing(criteria, secret);
            expect(found).not.toEqual([]);
            expect(found.join()).not.toContain("PLANTED");
        }
    });

    test("onMissing: fail is for ids", async () => {
        expect(await failing({ names: ["web-*"] }, { maxItems: 5, onMissing: "fail" })).toEqual([
            expect.stringContaining('onMissing: "fail" is for ids'),
        ]);
        expect(await failing({ names: ["web-*"] }, { maxItems: 5, onMissing: "ignore" })).toEqual([]);
    });

    test("sets are put in order, so that another order is no change", async () => {
        const one = await checked(resource, { maxItems: 5, matching: rule(resource, { names: ["b*", "a*", "b*"] }) });
        expect(one).toEqual({ matching: rule(resource, { names: ["a*", "b*"] }), failures: [] });
    });
});

describe("states", () => {
    test.each([
        [SERVERS, ["CREATING", "ACTIVE", "BUILDING", "BUILT", "ERROR", "DELETING"], "ACTVE", "ACTIVE"],
        [
            INSTANCES,
            [
                "pending",
                "running",
                "stopping",
                "stopped",
                "reinstalling",
                "shutting-down",
                "terminated",
                "error",
                "failed",
            ],
            "Running",
            "running",
        ],
        [
            ASSETS,
            ["CREATING", "FAILED", "UNACTIVED", "ACTIVED", "DELETING", "DELETED", "BLOCK", "WAITING_DELETE"],
            "ACTIVE",
            "ACTIVED",
        ],
    ])("of %s: all of them match everything, and a misspelt one is refused", async (resource, all, wrong, right) => {
        expect(await failures(resource, { states: all })).toEqual([
            expect.stringContaining("matching: would match everything"),
        ]);
        expect(await failures(resource, { states: all, names: ["*"], except: ["x"] })).toHaveLength(1);
        expect(await failures(resource, { states: all.slice(1) })).toEqual([]);
        expect(await failures(resource, { states: [wrong] })).toEqual([
            expect.stringContaining(`(did you mean ${right}?)`),
        ]);
    });

    test("of batch tasks: those of their tasks", async () => {
        expect(await failures(BATCH_TASKS, { states: ["succeeded", "failed"] })).toEqual([]);
        expect(await failures(BATCH_TASKS, { states: ["SUCCEEDED"] })).toEqual([
            expect.stringContaining("did you mean succeeded?"),
        ]);
    });

    test("of ROMA: tasks have one, apps have none", async () => {
        expect(await failures(ROMA, { tasks: { states: ["stopped"] } })).toEqual([]);
        expect(await failures(ROMA, { tasks: { states: ["stopped", "running"] } })).toHaveLength(1);
        expect(await failures(ROMA, { apps: { states: ["stopped"], names: ["a*"] } })).toEqual([
            expect.stringContaining("matching.apps.states: there is no such property"),
        ]);
    });
});

describe("the services' own criteria", () => {
    test.each([
        [INSTANCES, { tags: {} }],
        [INSTANCES, { tags: { team: "" } }],
        [INSTANCES, { tags: { team: [] } }],
        [INSTANCES, { tags: { team: [""] } }],
        [INSTANCES, { tags: { team: null } }],
        [INSTANCES, { tags: { "": "x" } }],
        [INSTANCES, { tags: ["team"] }],
        [ASSETS, { tags: [] }],
        [ASSETS, { tags: [""] }],
        [ASSETS, { systemProperties: {} }],
        [ASSETS, { types: ["PICTURE"] }],
        [SERVERS, { enterpriseProjectIds: [] }],
        [SERVERS, { serverGroupIds: [null] }],
        [BATCH_TASKS, { videoGroups: "" }],
        [ROMA, { apps: { createdBy: [] } }],
        [ROMA, { tasks: { types: ["timing"] } }],
        [ROMA, { tasks: {} }],
        [ROMA, { apps: { names: ["a*"] }, tasks: {} }],
        [ROMA, { apps: { names: ["a*"] }, tasks: null }],
        [ROMA, { apps: null }],
        [ROMA, {}],
        [ROMA, { names: ["a*"] }],
    ])("%s refuses %j", async (resource, matching) => {
        expect(await failures(resource, matching)).not.toEqual([]);
    });

    test("all the types that there are match everything", async () => {
        expect(await failures(ROMA, { tasks: { types: ["TIMING", "REALTIME"] } })).toEqual([
            expect.stringContaining("matching.tasks: would match everything"),
        ]);
    });

    test("values of pairs become lists, keys are in order", async () => {
        const given = { tags: { team: "web", stage: ["trial", "test", "trial"] } };
        const { matching } = await checked(INSTANCES, { matching: given, maxItems: 5 });
        expect(JSON.stringify(matching)).toBe('{"tags":{"stage":["test","trial"],"team":["web"]}}');
    });

    test("the enterprise project is named once", async () => {
        const both = { maxItems: 5, enterpriseProjectId: "0" };
        expect(await failures(SERVERS, { enterpriseProjectIds: ["0"] }, both)).toEqual([
            expect.stringContaining("enterpriseProjectId: and matching.enterpriseProjectIds"),
        ]);
        expect(await failures(SERVERS, { names: ["web-*"] }, both)).toEqual([]);
    });

    test("a batch task has no rule", async () => {
        const { failures: found = [] } = await check({}, { __resource: "vias:BatchTask", matching: { names: ["a*"] } });
        expect(found.map(({ reason }) => reason)).toContainEqual(
            expect.stringContaining("matching: there is no such argument"),
        );
    });
});
