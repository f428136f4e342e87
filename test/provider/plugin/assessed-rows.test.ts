import { type AssessedTarget, countFates } from "../../../src/provider/assessment/assessment";
import { assessedRows } from "../../../src/provider/plugin/assessed-rows";
import { concealing } from "../../../src/provider/report/secret-words";

const ID = "51234567890123456789";

function rowsOf(targets: readonly AssessedTarget[], secret: boolean, gate = true, most = 200) {
    const properties = { imageServerIds: [ID], ...(secret ? { __secrets: ["imageServerIds"] } : {}) };
    return assessedRows(
        {
            resource: "workspaceapp:ImageServerBatchDeletion",
            title: "Workspace APP",
            noun: ["image server", "image servers"],
            action: "delete",
            effect: "deletes",
            place: { region: "cn-north-4", projectId: "p" },
            within: [],
            targets,
            counts: countFates(targets),
            absent: 0,
            at: 0,
        },
        {
            labels: new Map(secret ? [[ID, "#1 of 1"]] : []),
            conceal: concealing(properties),
            most,
            gate,
        },
    );
}

const kept: AssessedTarget = {
    key: ID,
    id: ID,
    fate: "kept",
    facts: { name: "web-1", status: "ACTIVE" },
    why: `the keep list has ${ID}`,
};

test("neither a row nor its cause shows a secret id, or the name of what it stands for", () => {
    const [row] = rowsOf([kept], true);
    expect(row).toMatchObject({ name: "#1 of 1", error: "kept: the keep list has #1 of 1" });
    expect(JSON.stringify(row)).not.toMatch(new RegExp(`${ID}|web-1`));
});

test("a declared target that is kept fails a preview, and no read", () => {
    expect(rowsOf([kept], false)[0]?.error).toBe(`kept: the keep list has ${ID}`);
    expect(rowsOf([kept], false, false)[0]?.error).toBeUndefined();
});

const due = (count: number): AssessedTarget[] =>
    Array.from({ length: count }, (_, n) => ({ key: `due-${n}`, id: `due-${n}`, fate: "due" }));
const impossible = (count: number): AssessedTarget[] =>
    Array.from({ length: count }, (_, n) => ({ key: `not-${n}`, id: `not-${n}`, fate: "impossible", why: "locked" }));

test("beyond the most rows there is one for the others, and what can't be done comes before what would be done", () => {
    const rows = rowsOf([...due(300), ...impossible(3)], false);
    expect(rows).toHaveLength(201);
    expect(rows.slice(0, 4).map(({ name }) => name)).toEqual(["not-0", "not-1", "not-2", "due-0"]);
    expect(rows.at(-1)).toMatchObject({ name: "and 103 more", outputs: { more: 103 } });
    expect(rowsOf(due(200), false)).toHaveLength(200);
});

test("a declared target that is kept fails a preview however few rows are shown", () => {
    const targets = [...due(3), ...impossible(3), kept];
    expect(rowsOf(targets, false, true, 2).map(({ error }) => error !== undefined)).toEqual([true, false, false]);
    expect(rowsOf(targets, false, true, 0).map(({ name }) => name)).toEqual([ID, "and 6 more"]);
});

test("no rows are shown where none are asked for", () => {
    expect(rowsOf(due(3), false, true, 0)).toEqual([]);
    expect(rowsOf([kept], false, false, 0)).toEqual([]);
});
