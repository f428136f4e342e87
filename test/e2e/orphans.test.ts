import { addTargets, alive, declared, deletions, metastudio } from "./deletions";
import { faces } from "./faces";
import { again, until } from "./interruptions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** Two checks for the engine, a second apart, and what a busy machine adds. */
const NOTICED_WITHIN_MS = 8_000;

test.each(faces)(
    "%s face: kill -9 of the CLI: the provider left behind sends nothing more within seconds, and exits",
    async (face) => {
        const tenant = await Tenant.open();
        // No job here ever ends, so that the provider never runs out of work.
        await tenant.control.seed({ durations: jobsOf(3_600_000) });
        const sets = await Promise.all(
            // More than are under way at once: there is always a next request to send.
            deletions.map(async (deletion) => ({ deletion, ids: await addTargets(tenant, deletion, 250) })),
        );
        const resources = sets.map(({ deletion, ids }) => declared(deletion, "create", ids));
        const stack = await Stack.create({ program: programOf(...resources), env: tenant.env, face });

        const run = stack.start("up", "--yes", "--skip-preview");
        const submitted = async () => new Set((await tenant.submissions()).map(({ service }) => service)).size;
        await until(async () => (await submitted()) === deletions.length, "a batch request of each service");
        const [provider, ...others] = await stack.providers();
        expect(others).toEqual([]);
        const killed = Date.now();
        run.kill();
        await run.ended;
        expect(await stack.providers()).toEqual([provider]);

        await until(async () => (await stack.providers()).length === 0, "the end of the provider", 60_000);
        const requests = await tenant.requests();
        const last = Math.max(...requests.map(({ wallAt }) => wallAt));
        expect(last - killed).toBeLessThan(NOTICED_WITHIN_MS);
        await until(
            async () => (await stack.processes()).length === 0,
            "the end of all that the run had started",
            60_000,
        );

        await tenant.control.seed({ durations: jobsOf(1_000) });
        await tenant.control.clock({ do: "advance", ms: 3_600_000 });
        const before = (await tenant.submissions()).length;
        await again(stack, ["up", "--yes", "--skip-preview"]);
        for (const { deletion } of sets) {
            expect(await alive(tenant, deletion)).toEqual([]);
        }
        const sent = (await tenant.submissions())
            .slice(0, before)
            .flatMap(({ ids, accepted }) => (accepted ? ids : []));
        const sentAgain = (await tenant.submissions()).slice(before).flatMap(({ ids }) => ids);
        expect(sentAgain.filter((id) => sent.includes(id))).toEqual([]);
        expect(await tenant.doubles()).toEqual([]);
    },
);

test.each(faces)(
    "%s face: kill -9 of the CLI while no call is under way: the provider exits all the same",
    async (face) => {
        const tenant = await Tenant.open();
        const ids = await addTargets(tenant, metastudio, 2);
        const stack = await Stack.create({
            program: `${programOf(declared(metastudio, "create", ids))}module.exports = new Promise(() => setInterval(() => {}, 1_000));`,
            env: tenant.env,
            face,
        });
        const run = stack.start("up", "--yes", "--skip-preview");
        await run.seen(/AssetBatchDeletion\S* +\S+ +created\b/);
        expect(await stack.providers()).toHaveLength(1);
        run.kill();
        await run.ended;
        await until(async () => (await stack.providers()).length === 0, "the end of the provider");
    },
);

function jobsOf(ms: number) {
    const length = { kind: "fixed", ms } as const;
    return {
        roma: { "delete-assets": length },
        workspaceapp: { "delete-image-server": length },
        clouddc: { "delete-instance": length },
        vias: { "task-deletes": length },
    };
}
