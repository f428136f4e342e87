import { planJson } from "../../src/commands/plan-json";
import { planMarkdown } from "../../src/commands/plan-markdown";
import { planText } from "../../src/commands/plan-text";
import { type AssessedTarget, countFates } from "../../src/provider/assessment/assessment";
import type { Plan, PlannedResource } from "../../src/provider/assessment/plan";
import { ageText } from "../../src/provider/assessment/target-row";

const AT = Date.UTC(2026, 10, 26, 12);
const HOUR = 3_600_000;
const created = (ago: number) => ({ earliest: AT - ago, latest: AT - ago });

function planOf(targets: readonly AssessedTarget[], more: Partial<PlannedResource> = {}): Plan {
    const counts = countFates(targets);
    return {
        stack: "dev",
        operation: "destroy",
        at: AT,
        totals: counts,
        complete: true,
        resources: [
            {
                urn: "urn:pulumi:dev::p::t::old",
                name: "old",
                resource: "workspaceapp:ImageServerBatchDeletion",
                labels: new Map(),
                approved: [],
                result: {
                    resource: "workspaceapp:ImageServerBatchDeletion",
                    title: "Workspace APP",
                    noun: ["image server", "image servers"],
                    action: "delete",
                    effect: "deletes",
                    place: { region: "cn-north-4", projectId: "0123" },
                    within: [],
                    targets,
                    counts,
                    absent: 0,
                    at: AT,
                },
                ...more,
            },
        ],
    };
}

const target = (n: number): AssessedTarget => ({
    key: `id-${n}`,
    id: `id-${n}`,
    fate: "due",
    facts: { name: `web-${n}`, status: "ACTIVE", createdAt: created(n * HOUR) },
});

const some: readonly AssessedTarget[] = [
    target(30),
    { ...target(1), fate: "waits", why: "the image server is CREATING", facts: { name: "new", status: "CREATING" } },
    { key: "gone", id: "gone", fate: "settled", absent: true },
    { ...target(2), fate: "kept", why: "by the keep list /work/keep.txt" },
];

test("as text: a block for each resource, a line for each target, the totals", () => {
    expect(planText(planOf(some))).toBe(`Plan for a destroy of dev today

old, workspaceapp:ImageServerBatchDeletion
  region cn-north-4, project 0123
  2 to delete, 1 gone already, 1 kept
    id-30  web-30  ACTIVE    1d  delete
    id-1   new     CREATING      delete, once it is ready: the image server is CREATING
    gone                         gone already
    id-2   web-2   ACTIVE    2h  kept: by the keep list /work/keep.txt

Total: 2 to delete, 1 gone already, 1 kept
`);
});

test("as JSON: each target with its fate, its age in seconds, and why", () => {
    const { resources, totals, version } = JSON.parse(planJson(planOf(some)));
    expect(version).toBe(1);
    expect(totals).toMatchObject({ due: 1, waits: 1, settled: 1, kept: 1, unseen: 0 });
    expect(resources[0].targets[0]).toEqual({
        id: "id-30",
        name: "web-30",
        state: "ACTIVE",
        createdAt: "2026-11-25T06:00:00.000Z",
        ageSeconds: 108_000,
        fate: "due",
    });
});

test("as Markdown it fits into a comment however many targets there are, and says how many are left out", () => {
    const many = Array.from({ length: 20_000 }, (_, n) => target(n));
    const text = planMarkdown(planOf(many));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000);
    expect(text).toContain("**20000 to delete**");
    const shown = text.match(/^\| `id-\d+`/gm)?.length ?? 0;
    expect(text).toContain(`… and ${20_000 - shown} more`);
    const one = planOf([target(1)]);
    const [resource] = one.resources;
    const resources = Array.from({ length: 2_000 }, () => resource).filter((each) => each !== undefined);
    const wide = planMarkdown({ ...one, resources });
    expect(Buffer.byteLength(wide)).toBeLessThanOrEqual(60_000);
    expect(wide).toMatch(/\d+ more resources are not shown/);
});

test("as Markdown, what the cloud says is no markup, no mention and no cell of a table", () => {
    const facts = { name: "`x` | <b>@all</b> [a](http://b)", status: "A|B" };
    const text = planMarkdown(planOf([{ ...target(1), facts }]));
    expect(text).toContain("| `id-1` | `'x' \\| <b>@all</b> [a](http://b)` | `A\\|B` |  | `delete` |");
});

test.each([planText, planJson, planMarkdown])("secret ids and their names are in no form of a plan", (form) => {
    const labels = new Map([["id-30", "#1 of 1"]]);
    const text = form(planOf([target(30)], { labels }));
    expect(text).toContain("#1 of 1");
    expect(text).not.toMatch(/id-30|web-30/);
});

test.each([
    [undefined, ""],
    [0, "0s"],
    [59_999, "59s"],
    [90 * 60_000, "1h"],
    [50 * HOUR, "2d"],
])("an age of %p ms is %j", (ms, text) => {
    expect(ageText(ms)).toBe(text);
});
