import fc from "fast-check";
import * as z from "zod";
import { matches } from "../../src/provider/matching/matches";
import { type KindRule, ruleOf } from "../../src/provider/matching/rule";
import { ruleText } from "../../src/provider/matching/text";
import type { TargetSetDefinition } from "../../src/services/definition";
import type { ListedKind, ListedThing } from "../../src/services/listed-kind";
import { factsOf } from "../../src/services/shared/facts";
import { listedNothing } from "./listed-nothing";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 26, 12);
const ago = (hours: number) => new Date(NOW - hours * HOUR).toISOString();

const listed: ListedKind = {
    ...listedNothing,
    states: ["up", "down", "gone"],
    criteria: { zones: { is: "oneOf" }, labels: { is: "eachOf" }, tags: { is: "pairs" } },
};

function definitionOf(...targets: TargetSetDefinition["targets"]): TargetSetDefinition {
    return {
        resource: "test:Deletion",
        service: {
            name: "clouddc",
            title: "Test service",
            hostLabels: { default: "test" },
            authenticationCodes: [],
            permissionCodes: [],
            busyCodes: [],
        },
        noun: ["thing", "things"],
        targets,
        inputs: {},
        placeInputs: [],
        goalInputs: [],
        hasWhen: true,
        hasEnterpriseProject: false,
        acts: () => ({}),
    };
}

const things = definitionOf({ input: "thingIds", id: z.string(), listed });
const twoKinds = definitionOf(
    { input: "appIds", kind: "app", id: z.string(), listed: { ...listed, group: "apps" } },
    { input: "taskIds", kind: "task", id: z.string(), listed: { ...listed, group: "tasks" } },
);

function rule(matching: object): KindRule {
    const [only] = ruleOf(things, { matching }) ?? [];
    if (only === undefined) {
        throw new Error("no rule");
    }
    return only;
}

interface Row {
    readonly id?: string;
    readonly name?: string;
    readonly state?: string | readonly string[];
    readonly created?: string | number;
    readonly shown?: ListedThing["shown"];
}

function thing({ id = "t1", name, state = [], created, shown = {} }: Row): ListedThing {
    const states = typeof state === "string" ? [state] : state;
    return { id, name, states, facts: factsOf({ name, status: states.join(", "), created }), shown };
}

const meets = (matching: object, row: Row) => matches(rule(matching), thing(row), NOW);

describe("names", () => {
    test.each([
        ["web-1", "web-1", true],
        ["web-1", "web-10", false],
        ["web-1", "my-web-1", false],
        ["web-*", "web-", true],
        ["web-*", "Web-1", false],
        ["web-?", "web-1", true],
        ["web-?", "web-", false],
        ["web-?", "web-12", false],
        ["*-web-*", "a-web-b-web-c", true],
        ["a*b*c", "a-c-b", false],
        ["web.[0-9]+", "web-1", false],
        ["web.[0-9]+", "web.[0-9]+", true],
        ["服务-?", "服务-一", true],
        ["e-?", "e-😀", true],
    ])("%s and %s: %s", (glob, name, expected) => {
        expect(meets({ names: [glob] }, { name })).toBe(expected);
    });

    test("one of several globs is enough; a thing without a name matches none, not even *", () => {
        expect(meets({ names: ["db-*", "web-*"] }, { name: "web-1" })).toBe(true);
        expect(meets({ names: ["db-*", "web-*"] }, { name: "x" })).toBe(false);
        expect(meets({ names: ["*"], olderThan: "1h" }, { created: ago(2) })).toBe(false);
        expect(meets({ names: ["*"], olderThan: "1h" }, { created: ago(2), name: "x" })).toBe(true);
    });

    test("many stars take no time that grows without bound", () => {
        const began = performance.now();
        expect(meets({ names: [`x${"*a".repeat(100)}`] }, { name: `x${"a".repeat(50_000)}b` })).toBe(false);
        expect(performance.now() - began).toBeLessThan(2_000);
    });
});

describe("age", () => {
    test.each([
        ["olderThan", ago(25), true],
        ["olderThan", ago(23), false],
        ["olderThan", ago(24), false],
        ["newerThan", ago(23), true],
        ["newerThan", ago(25), false],
        ["newerThan", ago(24), false],
        ["olderThan", ago(-1), false],
        ["newerThan", ago(-1), true],
    ])("%s 24h, created %s: %s", (name, created, expected) => {
        expect(meets({ [name]: "24h" }, { created })).toBe(expected);
    });

    const zoneless = (hours: number) => ago(hours).slice(0, 19).replace("T", " ");
    test.each([
        // What it may mean ends 12 hours later, and begins 14 hours earlier.
        ["olderThan", zoneless(37), true],
        ["olderThan", zoneless(35), false],
        ["newerThan", zoneless(9), true],
        ["newerThan", zoneless(11), false],
        ["olderThan", zoneless(25), false],
        ["newerThan", zoneless(23), false],
    ])(
        "%s 24h, created %s without a zone: %s, for what it may mean must match all of it",
        (name, created, expected) => {
            expect(meets({ [name]: "24h" }, { created })).toBe(expected);
        },
    );

    test.each([undefined, "", "some time ago", "0000-00-00", 0])(
        "created %j is not told, and matches neither",
        (created) => {
            for (const name of ["olderThan", "newerThan"]) {
                expect(meets({ [name]: "24h" }, created === undefined ? {} : { created })).toBe(false);
            }
        },
    );

    test("between two ages", () => {
        const between = { olderThan: "1d", newerThan: "3d" };
        expect([12, 25, 71, 73].map((hours) => meets(between, { created: ago(hours) }))).toEqual([
            false,
            true,
            true,
            false,
        ]);
    });
});

describe("states", () => {
    test.each([
        ["up", true],
        ["UP", true],
        ["down", true],
        ["gone", false],
        ["", false],
        [[], false],
        [["up", "down"], true],
        [["up", "gone"], false],
    ])("up or down, and %j: %s", (state, expected) => {
        expect(meets({ states: ["up", "down"] }, { state: state === "" ? [] : state })).toBe(expected);
    });
});

describe("the service's own criteria", () => {
    test.each<readonly [object, ListedThing["shown"], boolean]>([
        [{ zones: ["a", "b"] }, { zones: ["b"] }, true],
        [{ zones: ["a", "b"] }, { zones: ["c"] }, false],
        [{ zones: ["a", "b"] }, { zones: [] }, false],
        [{ zones: ["a", "b"] }, {}, false],
        [{ zones: ["a"] }, { zones: ["A"] }, false],
        [{ labels: ["x", "y"] }, { labels: ["y", "z", "x"] }, true],
        [{ labels: ["x", "y"] }, { labels: ["x"] }, false],
        [{ labels: ["x"] }, {}, false],
        [{ tags: { team: ["web"] } }, { tags: [["team", "web"]] }, true],
        [{ tags: { team: ["web", "db"] } }, { tags: [["team", "db"]] }, true],
        [{ tags: { team: ["web"], stage: ["test"] } }, { tags: [["team", "web"]] }, false],
        [
            { tags: { team: ["web"], stage: ["test"] } },
            {
                tags: [
                    ["stage", "test"],
                    ["team", "web"],
                ],
            },
            true,
        ],
        [{ tags: { team: ["web"] } }, { tags: [["stage", "web"]] }, false],
        [{ tags: { team: ["web"] } }, { tags: ["team", "web"] }, false],
        [{ tags: { constructor: ["web"] } }, { tags: [] }, false],
        [{ unheardOf: ["x"] }, { unheardOf: ["x"] }, false],
    ])("%j and %j: %s", (matching, shown, expected) => {
        expect(meets(matching, { shown })).toBe(expected);
    });
});

describe("except", () => {
    const rows: readonly Row[] = [
        { id: "t1", name: "web-1" },
        { id: "t2", name: "web-2" },
    ];
    test.each([
        [["t1"], [false, true]],
        [["web-2"], [true, false]],
        [["*-1"], [false, true]],
        [["WEB-1"], [true, true]],
        [["t*"], [true, true]],
        [
            ["x", "t1", "web-?"],
            [false, false],
        ],
    ])("%j", (except, expected) => {
        expect(rows.map((row) => meets({ names: ["web-*"], except }, row))).toEqual(expected);
    });

    test("a thing whose name can't be read is left alone as long as an exception may be a name", () => {
        const nameless = { created: ago(48) };
        const id = "0f6e2a4c-0000-4000-8000-000000000001";
        expect(meets({ olderThan: "1d" }, nameless)).toBe(true);
        expect(meets({ olderThan: "1d", except: ["web-*"] }, nameless)).toBe(false);
        expect(meets({ olderThan: "1d", except: ["web-1"] }, { ...nameless, name: "" })).toBe(false);
        expect(meets({ olderThan: "1d", except: [id] }, nameless)).toBe(true);
    });

    test("a name with characters that messages leave out is kept as it is written and as it is shown", () => {
        for (const name of ["web  1", "web\u200b 1"]) {
            expect(meets({ names: ["web*"] }, { name })).toBe(true);
            expect(meets({ names: ["web*"], except: [name] }, { name })).toBe(false);
            expect(meets({ names: ["web*"], except: ["web 1"] }, { name })).toBe(false);
        }
        expect(meets({ names: ["*"], olderThan: "1d", except: ["e\u0301*"] }, { name: "é-1", created: ago(48) })).toBe(
            false,
        );
    });
});

test("whatever a thing shows, it matches no criterion of which it shows nothing", () => {
    const criteria = {
        names: ["a*"],
        olderThan: "1d",
        states: ["up"],
        zones: ["z"],
        labels: ["l"],
        tags: { k: ["v"] },
    };
    const full: Row = {
        name: "a1",
        created: ago(48),
        state: "up",
        shown: { zones: ["z"], labels: ["l"], tags: [["k", "v"]] },
    };
    expect(meets(criteria, full)).toBe(true);
    const bare: Readonly<Record<string, Row>> = {
        names: { created: ago(48), state: "up", shown: full.shown ?? {} },
        olderThan: { name: "a1", state: "up", shown: full.shown ?? {} },
        states: { name: "a1", created: ago(48), shown: full.shown ?? {} },
        zones: { ...full, shown: { ...full.shown, zones: undefined } },
        labels: { ...full, shown: { ...full.shown, labels: undefined } },
        tags: { ...full, shown: { ...full.shown, tags: undefined } },
    };
    expect(Object.keys(bare)).toEqual(Object.keys(criteria));
    for (const row of Object.values(bare)) {
        expect(meets(criteria, row)).toBe(false);
    }
});

test("another criterion never makes more match, and neither does an exception", () => {
    const text = fc.constantFrom("a", "b", "ab", "ba");
    const glob = fc.constantFrom("a", "b*", "?b", "*a");
    const some = <T>(values: fc.Arbitrary<T>) => fc.array(values, { minLength: 1, maxLength: 3 });
    const criteria = fc.record(
        {
            names: some(glob),
            olderThan: fc.constantFrom("1h", "1d"),
            newerThan: fc.constantFrom("2d", "5d"),
            states: some(fc.constantFrom("up", "down")),
            zones: some(text),
            labels: some(text),
            tags: fc.dictionary(text, some(text), { minKeys: 1 }),
            except: some(glob),
        },
        { requiredKeys: [] },
    );
    const row = fc.record({
        name: text,
        created: fc.integer({ min: 0, max: 200 }).map(ago),
        state: fc.constantFrom("up", "down", "gone"),
        shown: fc.record({
            zones: some(text),
            labels: some(text),
            tags: some(fc.tuple(text, text)),
        }),
    });
    fc.assert(
        fc.property(criteria, criteria, row, (one, other, shown) => {
            const base = { zones: ["a", "b", "ab", "ba"], ...one };
            // `other` adds what `base` does not have.
            const more = { ...other, ...base };
            expect(meets(more, shown) && !meets(base, shown)).toBe(false);
        }),
        { numRuns: 500 },
    );
});

describe("a stored rule", () => {
    test.each([
        ["without criteria", {}],
        ["of only *", { names: ["*"] }],
        ["of only exceptions", { except: ["a"] }],
        ["of all states", { states: ["up", "down", "gone"] }],
        ["that is a list", []],
        ["that is a text", "web-*"],
        ["with an age that is none", { olderThan: "soon" }],
        ["with a text in the place of a list", { names: "web-*" }],
    ])("%s is refused: a state may have been changed", (_, matching) => {
        expect(() => ruleOf(things, { matching })).toThrow();
    });

    test("whose lists are empty matches nothing", () => {
        for (const matching of [{ names: [] }, { states: [] }, { zones: [] }, { tags: {} }]) {
            expect(meets(matching, { name: "web-1", state: "up", shown: { zones: ["a"], tags: [["a", "b"]] } })).toBe(
                false,
            );
        }
    });

    test("of several kinds names those that it has; none is refused", () => {
        const rules = ruleOf(twoKinds, { matching: { tasks: { names: ["a*"] } } });
        expect(rules?.map(({ target }) => target.kind)).toEqual(["task"]);
        expect(() => ruleOf(twoKinds, { matching: {} })).toThrow("names no kind");
        expect(() => ruleOf(twoKinds, { matching: { tasks: { names: ["a*"] }, apps: {} } })).toThrow("narrows");
    });
});

describe("a rule in words", () => {
    test("each criterion as it was understood", () => {
        const matching = {
            names: ["web-*", "db-?"],
            olderThan: "7d",
            newerThan: "30d",
            states: ["up"],
            zones: ["a", "b"],
            labels: ["x", "y"],
            tags: { stage: ["test", "trial"], team: ["web"] },
            except: ["web-1"],
        };
        expect(ruleText(things, { matching })).toBe(
            "names web-* or db-?; older than 7d; newer than 30d; states up; zones a or b; labels x and y; tags stage=test|trial and team=web; except web-1",
        );
        expect(ruleText(twoKinds, { matching: { apps: { names: ["a"] }, tasks: { names: ["b"] } } })).toBe(
            "apps: names a | tasks: names b",
        );
        expect(ruleText(things, { thingIds: [] })).toBeUndefined();
    });

    test("long lists are cut, control characters are not printed, a secret rule is not shown", () => {
        const names = Array.from({ length: 9 }, (_, n) => `web-${n}\u001b[31m`);
        expect(ruleText(things, { matching: { names } })).toBe(
            "names web-0 or web-1 or web-2 or web-3 or web-4 or 4 more",
        );
        expect(ruleText(things, { matching: { names }, __secrets: ["matching"] })).toBe("a secret rule");
    });
});
