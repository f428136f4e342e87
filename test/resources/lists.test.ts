import * as pulumi from "@pulumi/pulumi";
import { clouddc, metastudio, roma, vias, workspaceapp } from "../../src/index";

const lookedUp: unknown[] = [];
jest.mock("../../src/provider/dynamic/program-lookup", () => ({
    lookUpInCloud: async (asked: object) => {
        lookedUp.push(asked);
        return [{ id: "one" }];
    },
}));

beforeEach(() => {
    lookedUp.length = 0;
});

type List = (args?: object) => Promise<unknown>;

const instance = { instanceId: "i1" };
/** Each list with a text filter, a list filter if it has one, and its mandatory arguments. */
const lists: ReadonlyArray<{
    readonly name: string;
    readonly call: List;
    readonly base: object;
    readonly text: string;
    readonly list?: string;
}> = [
    { name: "roma.listApps", call: given(roma.listApps), base: instance, text: "name" },
    { name: "roma.listFdiTasks", call: given(roma.listFdiTasks), base: instance, text: "taskTag" },
    { name: "workspaceapp.listImageServers", call: given(workspaceapp.listImageServers), base: {}, text: "serverName" },
    {
        name: "clouddc.listInstances",
        call: given(clouddc.listInstances),
        base: {},
        text: "instanceState",
        list: "instanceIds",
    },
    { name: "metastudio.listAssets", call: given(metastudio.listAssets), base: {}, text: "name", list: "assetStates" },
    {
        name: "vias.listBatchTasks",
        call: given(vias.listBatchTasks),
        base: {},
        text: "manufacturer",
        list: "videoGroup",
    },
];

/** Calls a list without types, like a program in JavaScript. */
function given(list: unknown): List {
    return (args) => Promise.resolve(Reflect.apply(Object(list), undefined, args === undefined ? [] : [args]));
}

describe.each(lists)("$name fails closed", ({ name, call, base, text, list }) => {
    const refused = async (args: object | undefined, ...says: string[]) => {
        const error: unknown = await call(args).catch((reason: unknown) => reason);
        const message = error instanceof Error ? error.message : "";
        expect(message.startsWith(`${name}: `)).toBe(true);
        expect(message).not.toContain("\n");
        for (const said of says) {
            expect(message).toContain(said);
        }
        expect(lookedUp).toEqual([]);
    };

    test("a call without arguments is refused", async () => {
        await refused(undefined, "all: true", text);
        await refused({ ...base }, "all: true", text);
        await refused({ ...base, region: "cn-north-4", projectId: "p", profile: "ops" }, "nothing narrows the list");
    });

    test("an unknown name is refused, with the nearest known one and all of them", async () => {
        await refused({ ...base, [`${text}s`]: "x" }, `there is no filter ${text}s (did you mean ${text}?)`, "all");
        await refused({ ...base, [text]: "stopped", zzzzzz: 1 }, "there is no filter zzzzzz;", text);
        await refused({ ...base, all: true, regoin: "cn-north-4" }, "regoin (did you mean region?)");
        await refused({ ...base, all: true, constructor: "x" }, "there is no filter constructor");
    });

    test.each<[string, unknown, string]>([
        ["undefined", undefined, "is given and is undefined"],
        ["null", null, "is given and is null"],
        ["an empty text", "", 'is ""'],
        ["white space", " \t", 'is " \\t"'],
        ["a text with a line's end", "stopped\n", 'is "stopped\\n"'],
        ["a number", 7, "is 7"],
        ["not a number", Number.NaN, "is NaN"],
        ["a boolean", true, "is true"],
        ["a list", ["stopped"], "is a list"],
        ["an object", {}, "is an object"],
        ["a promise", Promise.resolve("stopped"), "is a Promise"],
        ["an output", pulumi.output("stopped"), "is an Output"],
    ])("a filter that is %s is refused by name", async (_, value, says) => {
        await refused({ ...base, [text]: value }, `${text} ${says}`);
        await refused({ ...base, all: true, [text]: value }, `${text} ${says}`);
    });

    test.each<[string, unknown]>([
        ["empty", []],
        ["undefined", undefined],
        ["null", null],
        ["a text", "a"],
        ["of an empty text", [""]],
        ["of undefined", ["RUNNING", undefined]],
        // biome-ignore lint/suspicious/noSparseArray: the test needs a hole
        ["with a hole", ["a", , "b"]],
        ["of texts with commas", ["a,b"]],
        ["of numbers", [1]],
    ])("a list of values that is %s is refused by name", async (_, value) => {
        if (list !== undefined) {
            await refused({ ...base, [list]: value }, list);
        }
    });

    test("only all: true lists everything", async () => {
        for (const all of [false, "true", 1, undefined, null]) {
            await refused({ ...base, all }, "all is");
        }
        await refused({ ...base, all: true, [text]: "stopped" }, "all: true asks for everything", text);
        await call({ ...base, all: true });
        expect(lookedUp).toHaveLength(1);
    });

    test("an empty place argument is refused, an undefined one is the default", async () => {
        for (const place of ["region", "projectId", "profile"]) {
            await refused({ ...base, all: true, [place]: "" }, `${place} is ""`);
            await refused({ ...base, all: true, [place]: null }, `${place} is given and is null`);
        }
        await call({ ...base, all: true, region: undefined, projectId: undefined, profile: undefined });
        expect(lookedUp).toHaveLength(1);
    });

    test("a missing mandatory argument is named", async () => {
        for (const mandatory of Object.keys(base)) {
            await refused({ all: true }, `${mandatory} must be given`);
            await refused({ all: true, [mandatory]: undefined }, `${mandatory} is given and is undefined`);
            await refused({ all: true, [mandatory]: "" }, `${mandatory} is ""`);
        }
    });
});

describe("filters that match everything", () => {
    test.each<[string, () => Promise<unknown>, string]>([
        ["every name", () => given(roma.listApps)({ ...instance, name: "%" }), "may match everything"],
        ["a name without saying of what", () => given(vias.listBatchTasks)({ nameLike: "a" }), "without typeLike"],
        [
            "saying of what without a name",
            () => given(vias.listBatchTasks)({ all: true, typeLike: "batch_task_name" }),
            "without nameLike",
        ],
        [
            "sorting alone, and sorting is not named among what would narrow",
            () => given(metastudio.listAssets)({ sortKey: "create_time" }),
            "nothing narrows the list: there are name, tag, startTime, endTime, assetTypes, assetStates,",
        ],
        ["a name that is an object", () => given(roma.listApps)({ ...instance, name: {} }), "name is an object:"],
        ["where to look alone", () => given(metastudio.listAssets)({ assetSource: "ALL" }), "nothing narrows"],
        ["a time that is none", () => given(metastudio.listAssets)({ startTime: "yesterday" }), "must be a time"],
        ["a state that is none", () => given(clouddc.listInstances)({ instanceState: "stoped" }), "must be one of"],
        [
            "all enterprise projects",
            () => given(workspaceapp.listImageServers)({ enterpriseProjectId: "all_granted_eps" }),
            "nothing narrows",
        ],
        [
            "two that exclude each other",
            () => given(clouddc.listInstances)({ instanceIds: ["a"], serverIds: ["b"] }),
            "can't be given together",
        ],
        ["too many ids", () => given(clouddc.listInstances)({ instanceIds: Array(101).fill("a") }), "takes 100"],
    ])("%s", async (_, call, says) => {
        await expect(call()).rejects.toThrow(says);
        expect(lookedUp).toEqual([]);
    });
});

describe("the argument matching", () => {
    const rows: ReadonlyArray<readonly [List, object, object, object]> = [
        [
            given(roma.listApps),
            instance,
            { id: "1", name: "web-1", createTime: "2020-01-01T00:00:00Z" },
            { id: "2", name: "db" },
        ],
        [
            given(roma.listFdiTasks),
            instance,
            { id: "1", name: "web-1", createdDate: 1_577_836_800_000 },
            { id: "2", name: "db" },
        ],
        [
            given(workspaceapp.listImageServers),
            {},
            { id: "1", name: "web-1", createTime: "2020-01-01T00:00:00Z" },
            { id: "2", name: "db" },
        ],
        [
            given(clouddc.listInstances),
            {},
            { id: "1", name: "web-1", createdAt: "2020-01-01T00:00:00Z", tags: [] },
            { id: "2", name: "db", tags: [] },
        ],
        [
            given(metastudio.listAssets),
            {},
            { id: "1", name: "web-1", createTime: "2020-01-01T00:00:00Z" },
            { id: "2", name: "db" },
        ],
        [
            given(vias.listBatchTasks),
            {},
            { id: "1", name: "web-1", created: 1_577_836_800_000, statusInfo: {} },
            { id: "2", name: "db", statusInfo: {} },
        ],
    ];

    test.each(rows)("%p chooses rows as a resource's rule does", async (list, base, one, other) => {
        const now = Date.UTC(2020, 0, 3);
        for (const [matching, expected] of [
            [{ names: ["web-*"] }, [one]],
            [{ olderThan: "47h" }, [one]],
            [{ olderThan: "49h" }, []],
            [{ names: ["*"], newerThan: "3d", except: ["web-1"] }, []],
            [{ names: ["*b*"], except: ["web-1"] }, [other]],
        ] as const) {
            lookedUp.length = 0;
            await list({ ...base, matching });
            const [request] = lookedUp;
            const client = { send: async () => ({ body: pageOf([one, other]) }), place: { projectId: "p" } };
            const read: unknown = Reflect.get(Object(request), "read");
            const shown: unknown = await Reflect.apply(Object(read), undefined, [
                client,
                new AbortController().signal,
                now,
            ]);
            expect(shown).toEqual(expected);
        }
    });

    /** A parsed page of any of the lists. */
    function pageOf(items: readonly object[]): object {
        return { total: items.length, items, instances: items, count: items.length };
    }

    test.each<[string, unknown, string]>([
        ["without criteria", {}, "matching is an empty object"],
        ["of only *", { names: ["*"] }, "nothing narrows the list"],
        ["of only exceptions", { except: ["a"] }, "nothing narrows the list"],
        ["that is undefined", undefined, "matching is undefined: give it a value or leave it out"],
        ["that is a text", "web-*", "matching is wrong at matching"],
        ["with a criterion that is undefined", { names: undefined, olderThan: "1d" }, "matching.names is undefined"],
        ["with an empty list", { names: [], olderThan: "1d" }, "matching.names is an empty list"],
        ["with an empty text", { names: [""], olderThan: "1d" }, "matching.names[0] is an empty text"],
        ["with a criterion that there is not", { nmaes: ["a"] }, "nmaes"],
        ["with an age that is none", { olderThan: "0d" }, "matching.olderThan"],
    ])("%s is refused", async (_, matching, says) => {
        for (const { call, base } of lists) {
            await expect(call({ ...base, matching })).rejects.toThrow(says);
        }
        expect(lookedUp).toEqual([]);
    });
});

describe("over inputs", () => {
    beforeAll(async () => {
        await pulumi.runtime.setMocks({ newResource: () => ({ id: "x", state: {} }), call: () => ({}) });
    });

    const outputs: ReadonlyArray<readonly [string, (args: object) => pulumi.Output<unknown>, object]> = [
        ["roma.listAppsOutput", (args) => Reflect.apply(roma.listAppsOutput, undefined, [args]), instance],
        ["roma.listFdiTasksOutput", (args) => Reflect.apply(roma.listFdiTasksOutput, undefined, [args]), instance],
        [
            "workspaceapp.listImageServersOutput",
            (args) => Reflect.apply(workspaceapp.listImageServersOutput, undefined, [args]),
            {},
        ],
        ["clouddc.listInstancesOutput", (args) => Reflect.apply(clouddc.listInstancesOutput, undefined, [args]), {}],
        ["metastudio.listAssetsOutput", (args) => Reflect.apply(metastudio.listAssetsOutput, undefined, [args]), {}],
        ["vias.listBatchTasksOutput", (args) => Reflect.apply(vias.listBatchTasksOutput, undefined, [args]), {}],
    ];

    test.each(outputs)("%s waits for its inputs, and its result is secret if an input is", async (_, list, base) => {
        const region = pulumi.output(Promise.resolve("cn-north-4"));
        const open = list({ ...base, all: true, region });
        expect(await resolved(open)).toEqual([{ id: "one" }]);
        expect(lookedUp).toMatchObject([{ where: { region: "cn-north-4" } }]);
        expect(await pulumi.isSecret(open)).toBe(false);
        expect(await pulumi.isSecret(list({ ...base, all: true, region: pulumi.secret("cn-north-4") }))).toBe(true);
    });

    test.each(outputs)(
        "%s calls no cloud in a preview with an unknown input, and is unknown itself",
        async (_, list, base) => {
            await pulumi.runtime.setMocks(
                { newResource: () => ({ id: "x", state: {} }), call: () => ({}) },
                "p",
                "s",
                true,
            );
            const unknown: unknown = Reflect.construct(Object(pulumi.Output), [
                new Set(),
                Promise.resolve(""),
                Promise.resolve(false),
                Promise.resolve(false),
                Promise.resolve(new Set()),
            ]);
            const result = list({ ...base, all: true, region: unknown });
            expect(await Reflect.get(result, "isKnown")).toBe(false);
            expect(lookedUp).toEqual([]);
        },
    );
});

function resolved<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => {
        output.apply(resolve);
    });
}
