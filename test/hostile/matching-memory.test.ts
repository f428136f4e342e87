import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { selectTargets } from "../../src/provider/matching/select";
import { assetBatchDeletion, metastudio } from "../../src/services/metastudio";
import { FakeCloud, never } from "../services/fake-cloud";

const MANY = 100_000;
const MEBIBYTE = 1_048_576;
const NOW = Date.UTC(2026, 10, 26, 12);

function collected(): number {
    setFlagsFromString("--expose-gc");
    const gc: unknown = runInNewContext("gc");
    Reflect.apply(Object(gc), undefined, []);
    return process.memoryUsage().heapUsed;
}

/** Assets with all that the cloud shows of one, made when their page is asked for. */
function page(offset: number): object[] {
    return Array.from({ length: Math.min(100, MANY - offset) }, (_, n) => ({
        asset_id: String(offset + n).padStart(32, "0"),
        asset_name: `left-over of the rendering farm ${offset + n}`,
        asset_state: "ACTIVED",
        asset_type: "VIDEO",
        asset_description: "x".repeat(500),
        create_time: "2026-11-01T00:00:00Z",
        tags: ["trial", "north"],
        system_properties: [{ key: "STYLE_ID", value: "system_male_001" }],
    }));
}

test("100,000 matches: what stays in memory is keys and facts, not rows", async () => {
    const cloud = new FakeCloud(metastudio, (_, query) => {
        cloud.sent.length = 0;
        return { body: { count: MANY, assets: page(Number(query.get("offset"))) } };
    });
    const before = collected();
    const matching = { names: ["left-over*"], tags: ["trial"], olderThan: "1d" };
    const found = await selectTargets(assetBatchDeletion, cloud, { matching }, { now: NOW }, never);
    expect(found.keys).toHaveLength(MANY);
    expect(found.listed).toBe(MANY);
    expect(found.facts.size).toBe(MANY);
    expect((collected() - before) / MEBIBYTE).toBeLessThan(45);
});
