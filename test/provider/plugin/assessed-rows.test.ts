import { type AssessedTarget, countFates } from "../../../src/provider/assessment/assessment";
import { assessedRows } from "../../../src/provider/plugin/assessed-rows";
import { concealing } from "../../../src/provider/report/secret-words";

const ID = "51234567890123456789";

function rowsOf(targets: readonly AssessedTarget[], secret: boolean, gate = true) {
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
            most: 200,
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
