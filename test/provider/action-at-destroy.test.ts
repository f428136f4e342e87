import { EngineModel } from "../world/engine-model";
import { TestWorld } from "../world/world";

/** Three assets and an action on them at destroy; another caller has deleted the first ones meanwhile. */
async function destroyed(onDestroy: string, removed: number, more: Readonly<Record<string, unknown>> = {}) {
    const world = new TestWorld({ seed: 7 });
    const { control } = world.emulator;
    const engine = new EngineModel(world.clock, world.startProcess, 1);
    return world.run(async () => {
        const state = onDestroy === "RESTORE" ? "DELETING" : "ACTIVED";
        const objects = [{ service: "metastudio", kind: "assets", count: 3, template: { asset_state: state } }];
        const [assetIds = []] = await control.seed({ objects });
        const { is } = await engine.up({
            action: { __resource: "metastudio:AssetBatchAction", assetIds, onDestroy, ...more },
        });
        expect(is).toBe("succeeded");
        for (const id of assetIds.slice(0, removed)) {
            await control.remove({ service: "metastudio", kind: "assets", id });
        }
        const done = await engine.destroy();
        const states = (await control.objects("metastudio", "assets")).map(({ object }) => object.asset_state);
        return { done, states, logs: world.notes, assetIds };
    });
}

describe("an action at destroy with targets that no longer exist", () => {
    test.each(["RESTORE", "UNACTIVE"])(
        "%s: acts on the others, a warning names the missing targets, and the destroy succeeds",
        async (action) => {
            const { done, states, logs, assetIds } = await destroyed(action, 1);
            expect(done.is).toBe("succeeded");
            expect(states).toEqual(["UNACTIVED", "UNACTIVED"]);
            expect(logs).toEqual([expect.stringContaining("1 of 3 is not there any more, in region cn-north-4")]);
            expect(logs.join()).toContain(assetIds[0]);
        },
    );

    test('onMissing "ignore" silences the warning', async () => {
        const { done, logs } = await destroyed("UNACTIVE", 2, { onMissing: "ignore" });
        expect([done.is, logs]).toEqual(["succeeded", []]);
    });
});
