import { selectTargets } from "../../src/provider/matching/select";
import { definitions as cloudDC, clouddc } from "../../src/services/clouddc";
import type { TargetSetDefinition } from "../../src/services/definition";
import { FakeCloud, never, refusal } from "../services/fake-cloud";

const NOW = Date.UTC(2026, 10, 26, 12);
const [instances] = cloudDC;

function definition(found: TargetSetDefinition | undefined): TargetSetDefinition {
    if (found === undefined) {
        throw new Error("no such definition");
    }
    return found;
}

const listing = (rows: readonly object[]) =>
    new FakeCloud(clouddc, () => ({ body: { instances: rows, count: rows.length } }));

function select(cloud: FakeCloud, matching: object, keep?: (id: string, name: string | undefined) => boolean) {
    const options = { now: NOW, ...(keep === undefined ? {} : { keep: { keeps: keep } }) };
    return selectTargets(definition(instances), cloud, { matching }, options, never);
}

describe("what a rule matches", () => {
    const rows = [
        { id: "i1", name: "web-1", state: "running", created_at: "2026-11-01T00:00:00Z" },
        { id: "i2", name: "web-2", state: "stopped", created_at: "2026-11-26T11:00:00Z" },
        { id: "i3", name: "db-1", state: "running", created_at: "2026-11-01T00:00:00Z" },
        { id: "i4", state: "running" },
    ];

    test("keys in the list's order, facts, and how many the place lists", async () => {
        const found = await select(listing(rows), { names: ["web-*"] });
        expect(found).toEqual({
            keys: ["i1", "i2"],
            facts: new Map([
                [
                    "i1",
                    {
                        name: "web-1",
                        status: "running",
                        createdAt: { earliest: Date.UTC(2026, 10, 1), latest: Date.UTC(2026, 10, 1) },
                    },
                ],
                ["i2", expect.objectContaining({ name: "web-2", status: "stopped" })],
            ]),
            kept: 0,
            keptKeys: [],
            listed: 4,
            mayNotShow: expect.stringMatching(/^the list of instances may not show /),
        });
    });

    test("what the keep list keeps is left out, and counted", async () => {
        const found = await select(listing(rows), { names: ["*-1"] }, (id, name) => id === "i1" && name === "web-1");
        expect(found).toMatchObject({ keys: ["i3"], kept: 1, keptKeys: ["i1"], listed: 4 });
    });

    test("a list that can't be read to its end is an error", async () => {
        const cut = new FakeCloud(clouddc, () => ({ body: { instances: rows, count: 5 } }));
        await expect(select(cut, { names: ["web-*"] })).rejects.toMatchObject({ problem: { code: "ListIncomplete" } });
        const refused = new FakeCloud(clouddc, () => refusal({ status: 403, code: "iMetal.0004" }));
        await expect(select(refused, { names: ["web-*"] })).rejects.toMatchObject({ final: true });
    });

    test("a thing that matches and whose id can't be named is an error: it would stay in silence", async () => {
        await expect(select(listing([{ id: "../i1", name: "web-1" }]), { names: ["web-*"] })).rejects.toMatchObject({
            problem: { code: "UnusableId" },
        });
        expect(await select(listing([{ id: "../i1", name: "db" }]), { names: ["web-*"] })).toMatchObject({ keys: [] });
    });
});
