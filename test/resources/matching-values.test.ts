import * as pulumi from "@pulumi/pulumi";
import { clouddc } from "../../src/index";
import { emptyValues, requireValues } from "../../src/resources/shared/matching-values";

/** The SDK leaves out keys without a value before check sees them, and a criterion that is left out makes the rule match more. */

beforeAll(async () => {
    await pulumi.runtime.setMocks({
        newResource: ({ inputs, name }) => ({ id: name, state: inputs }),
        call: () => ({}),
    });
});

type Given = (value: unknown) => unknown;
const inside: ReadonlyArray<readonly [how: string, given: Given]> = [
    ["plainly", (value) => value],
    ["as an output", (value) => pulumi.output(value)],
    ["as a promise", (value) => Promise.resolve(value)],
    ["as an output of a promise", (value) => pulumi.output(Promise.resolve(value))],
    ["as a secret", (value) => pulumi.secret(value)],
];
const nothings: ReadonlyArray<readonly [what: string, value: unknown, shown: string]> = [
    ["undefined", undefined, "is undefined"],
    ["null", null, "is null"],
    ["an empty text", "", "is an empty text"],
    ["white space", " \n", "is an empty text"],
    ["an empty list", [], "is an empty list"],
    ["an empty object", {}, "is an empty object"],
];

/** What is said of a rule where the resource is made, or else once all of it is known. An output's own rejection would end the test's process. */
async function refusal(matching: unknown): Promise<string> {
    const problems = emptyValues(matching);
    const known = await new Promise<unknown>((resolve) => {
        pulumi.output<object>({ matching }).apply((resolved) => resolve(Object.values(resolved)[0]));
    });
    return (problems.length > 0 ? problems : emptyValues(known)).join("; ") || "accepted";
}

describe.each(inside)("given %s", (_, given) => {
    describe.each(nothings)("%s", (_, nothing, shown) => {
        test.each([
            ["a criterion", { names: given(nothing), olderThan: "1d" }, "matching.names"],
            ["an element of one", { names: ["web-*", given(nothing)] }, "matching.names[1]"],
            ["the only element of one", { names: [given(nothing)], olderThan: "1d" }, "matching.names[0]"],
            ["an age", { names: ["web-*"], olderThan: given(nothing) }, "matching.olderThan"],
            ["a pair", { tags: { team: given(nothing) }, names: ["web-*"] }, "matching.tags.team"],
            ["an element of a pair", { tags: { team: ["web", given(nothing)] } }, "matching.tags.team[1]"],
            ["an exception", { names: ["web-*"], except: given(nothing) }, "matching.except"],
            ["a kind", { apps: { names: ["web-*"] }, tasks: given(nothing) }, "matching.tasks"],
            ["a criterion of a kind", { apps: { names: given(nothing), createdBy: ["x"] } }, "matching.apps.names"],
            ["a criterion that there is not", { nmaes: given(nothing), names: ["web-*"] }, "matching.nmaes"],
        ])("as %s is refused by its path", async (_, matching, path) => {
            const text = await refusal(matching);
            expect(text).toBe(`${path} ${shown}`);
            // The same where the whole rule, or a part of it, is known later.
            expect(await refusal(pulumi.output(matching))).toBe(text);
            expect(await refusal(Promise.resolve(matching))).toBe(text);
        });
    });

    test("what has values is passed on as it is", async () => {
        const matching = { names: given(["web-*"]), tags: given({ team: "web" }), olderThan: given("1d") };
        expect(await refusal(matching)).toBe("accepted");
    });
});

test("holes of a sparse list are refused", async () => {
    const names = ["web-*"];
    names[2] = "db-*";
    expect(await refusal({ names })).toContain("matching.names[1] is undefined");
});

test("all of them are named", async () => {
    expect(await refusal({ names: undefined, states: [], tags: { team: "" } })).toContain(
        "matching.names is undefined; matching.states is an empty list; matching.tags.team is an empty text",
    );
});

test("without any rule the ids count: nothing is refused", () => {
    expect(requireValues("title", undefined)).toBeUndefined();
    expect(requireValues("title", null)).toBeNull();
});

test("what is known is refused where the resource is made, with its title", () => {
    expect(
        () =>
            new clouddc.InstanceBatchDeletion("left-over", {
                when: "destroy",
                matching: { names: [], olderThan: "1d" },
                maxItems: 5,
            }),
    ).toThrow('clouddc:InstanceBatchDeletion "left-over": matching.names is an empty list');
});

test("what is known later is passed on once it is judged", async () => {
    const checked = requireValues("title", { names: [pulumi.output("web-*")], olderThan: Promise.resolve("1d") });
    const known = await new Promise((resolve) => {
        pulumi.output<object>({ checked }).apply((resolved) => resolve(Object.values(resolved)[0]));
    });
    expect(known).toEqual({ names: ["web-*"], olderThan: "1d" });
});
