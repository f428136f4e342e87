import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readBatchTask } from "../../src/provider/batch-task/state";
import { readStoredState, SCHEMA_VERSION } from "../../src/provider/state";
import { TestWorld } from "../world/world";

const storedSchema = z.object({
    id: z.string(),
    inputs: z.record(z.string(), z.unknown()),
    outputs: z.record(z.string(), z.unknown()),
});

const files = readdirSync(join(__dirname, "v1")).sort();

function stored(file: string) {
    return storedSchema.parse(JSON.parse(readFileSync(join(__dirname, "v1", file), "utf8")));
}

test.each(files)("%s: what 0.1 stored is read as if this release had", (file) => {
    const { outputs } = stored(file);
    const read = file.startsWith("vias.BatchTask.") ? readBatchTask : readStoredState;
    expect(read(outputs)).toMatchObject({ place: outputs.place, schemaVersion: SCHEMA_VERSION });
});

test("failed targets of 0.1 are grouped by cause", () => {
    const { outputs } = stored("roma.AssetBatchDeletion.partly-failed.json");
    const [one] = z.array(z.record(z.string(), z.unknown())).parse(outputs.failed);
    const failed = [one, { ...one, id: "app-3" }, { ...one, id: "task-1", kind: "task" }];
    expect(readStoredState({ ...outputs, failed, failedMore: 2 })).toMatchObject({
        failed: [
            { kind: "app", code: "X.0001", message: "it is in use", count: 2, ids: ["app-2", "app-3"] },
            { kind: "task", code: "X.0001", message: "it is in use", count: 1, ids: ["task-1"] },
        ],
        failedMore: 2,
    });
});

test.each(files)("%s: that it is of 0.1 alone makes no difference", async (file) => {
    const world = new TestWorld({ seed: 1 });
    const { lifecycle } = world.startProcess();
    const { id, inputs, outputs } = stored(file);
    const isOpen = /\.(partly-failed|back-again)\./.test(file);
    expect(await lifecycle.diff(id, outputs, inputs)).toMatchObject({ changes: isOpen, replaces: [] });
});
