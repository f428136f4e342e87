import type { TargetFacts } from "../../../src/batch/api";
import { approvedListOf } from "../../../src/provider/guards/approved-list";
import { guardOf } from "../../../src/provider/guards/guard";
import type { GuardLists } from "../../../src/provider/guards/guard-lists";
import { KeepList, keepRulesOfConfiguration, keepRulesOfFile } from "../../../src/provider/guards/keep-list";
import { definitionOf, services } from "../../../src/services/registry";

const KEEP = { variable: "HUAWEICLOUD_BATCH_KEEP", path: "/keep.txt" };
const APPROVED = { variable: "HUAWEICLOUD_BATCH_APPROVED", path: "/approved.txt" };

const names: Readonly<Record<string, string>> = { a1: "web-1", a2: "db-1", a3: "web-3", a4: "db-4" };
const factsOf = (key: string): TargetFacts | undefined => {
    const name = names[key.replace(/^.*:/, "")];
    return name === undefined ? undefined : { name };
};

function guard(given: { keep?: string; configured?: string; approved?: string; maxItems?: number; of?: string }) {
    const definition = definitionOf(given.of ?? "clouddc:InstanceBatchDeletion", services);
    if (definition === undefined) {
        throw new Error("no such resource");
    }
    const lists: GuardLists = {
        keep: new KeepList([
            ...(given.keep === undefined ? [] : [keepRulesOfFile(KEEP, given.keep)]),
            ...(given.configured === undefined ? [] : [keepRulesOfConfiguration(given.configured)]),
        ]),
        ...(given.approved === undefined ? {} : { approved: approvedListOf(APPROVED, given.approved) }),
        configurationAge: "current",
    };
    const acting = { definition, place: { region: "cn-north-4", projectId: "p1" }, properties: {} };
    return guardOf(lists, acting, given.maxItems);
}

const said = (refusing: ReturnType<typeof guard>, ...keys: string[]) =>
    Object.fromEntries(
        [...refusing.refuse(keys, factsOf)].map(([key, { code, message }]) => [key, `${code} ${message}`]),
    );

test("without lists and maxItems everything passes", () => {
    expect(said(guard({}), "a1", "a2", "unnamed")).toEqual({});
});

test("what is kept is refused by name, each for its own reason, and the others pass", () => {
    expect(said(guard({ keep: "a1\ndb-*", configured: "web-3" }), "a1", "a2", "a3", "a4", "unnamed", "a5")).toEqual({
        a1: "Kept the keep list /keep.txt has its id",
        a2: 'Kept the keep list /keep.txt keeps what is named "db-*"',
        a3: 'Kept stack configuration huaweicloud-batch:keep keeps what is named "web-3"',
        a4: 'Kept the keep list /keep.txt keeps what is named "db-*"',
        unnamed: "Kept its name can't be read, and the keep list /keep.txt has rules that may be for names",
        a5: "Kept its name can't be read, and the keep list /keep.txt has rules that may be for names",
    });
});

test("targets that are refused for one reason share one problem", () => {
    const problems = [...guard({ keep: "db-*" }).refuse(["a2", "a4"], factsOf).values()];
    expect(problems[0]).toBe(problems[1]);
});

test("what is not approved is refused; to be approved does not lift the keep list", () => {
    expect(said(guard({ keep: "db-*", approved: "a1\na2" }), "a1", "a2", "a3")).toEqual({
        a2: 'Kept the keep list /keep.txt keeps what is named "db-*"',
        a3: "NotApproved the approved list /approved.txt does not have it",
    });
});

test("where the list has nothing for the place of the run, it says for which places it is", () => {
    const entry = (projectId: string) => ({ service: "clouddc", kind: "instance", region: "r", projectId, id: "a1" });
    const approved = JSON.stringify({ version: 1, approved: ["p2", "p3", "p4", "p5"].map(entry) });
    expect(said(guard({ approved }), "a1")).toEqual({
        a1: "NotApproved the approved list /approved.txt has nothing for this place: it is for region r, project p2; region r, project p3; region r, project p4 and 1 more",
    });
    expect(said(guard({ approved: '{"version":1,"approved":[]}' }), "a1")).toEqual({
        a1: "NotApproved the approved list /approved.txt has nothing for this place: it is empty",
    });
});

test("maxItems counts each target once, over all that the guard is asked for", () => {
    const refusing = guard({ maxItems: 3 });
    expect(said(refusing, "a1", "a2")).toEqual({});
    expect(said(refusing, "a2", "a1")).toEqual({});
    const tooMany = "MaxItems maxItems is 3: this run sends no more";
    expect(said(refusing, "a3", "a4", "a5")).toEqual({ a4: tooMany, a5: tooMany });
    expect(said(refusing, "a1", "a2", "a3", "a4")).toEqual({ a4: tooMany });
});

test("what the lists refuse does not count for maxItems", () => {
    expect(said(guard({ keep: "db-*", maxItems: 2 }), "a2", "a4", "a1", "a3")).toEqual({
        a2: 'Kept the keep list /keep.txt keeps what is named "db-*"',
        a4: 'Kept the keep list /keep.txt keeps what is named "db-*"',
    });
});

test("where a resource has several kinds of targets, lists have the ids alone", () => {
    const refusing = guard({ of: "roma:AssetBatchDeletion", keep: "a1", approved: "a1\na2" });
    expect(Object.keys(said(refusing, "app:a1", "task:a1", "app:a2", "task:a3"))).toEqual([
        "app:a1",
        "task:a1",
        "task:a3",
    ]);
});

test("a rule from a file can't give commands to a terminal or a build log", () => {
    const refused = said(guard({ keep: `*\u202e::set-output\u2028${"x".repeat(500)}*\nweb-1::*\n*` }), "a1");
    expect(refused.a1).not.toMatch(/[\u202e\u2028]|::/);
    expect(refused.a1?.length).toBeLessThan(200);
});
