import { addTargets, alive, type Deletion, declared, deletions, vias } from "./deletions";
import { faces } from "./faces";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** Short jobs, for only requests are counted here. */
const QUICK = {
    roma: { "delete-assets": { kind: "fixed", ms: 1_000 } },
    workspaceapp: {
        "job-waits": { kind: "fixed", ms: 1_000 },
        "delete-image-server": { kind: "fixed", ms: 1_000 },
    },
    clouddc: { "delete-instance": { kind: "fixed", ms: 1_000 } },
    vias: { "task-deletes": { kind: "fixed", ms: 1_000 } },
} as const;

/** A batch task without children goes at once. */
const template = (deletion: Deletion) => (deletion === vias ? { num_task: 0 } : {});

/** 0, 1, a full request, one more, a thousand. */
const sizes = (perRequest: number): number[] => [0, 1, perRequest, perRequest + 1, 1000];

test("as many requests as the targets fill, for every service: none, one, B, B + 1, a thousand", async () => {
    const tenant = await Tenant.open({ seed: { durations: QUICK } });
    const stack = await Stack.create({ program: "", env: tenant.env });
    for (const round of [0, 1, 2, 3, 4]) {
        const sets = await Promise.all(
            deletions.map(async (deletion) => {
                const count = sizes(deletion.perRequest)[round] ?? 0;
                const ids = await addTargets(tenant, deletion, count, template(deletion));
                return { deletion, ids, before: (await tenant.submitted(deletion.service)).length };
            }),
        );
        const resources = sets.map(({ deletion, ids }) =>
            declared(deletion, "create", ids, { name: `${deletion.service}-${round}` }),
        );
        await stack.setProgram(programOf(...resources));
        await stack.must("up", "--yes", "--skip-preview");

        for (const { deletion, ids, before } of sets) {
            const requests = (await tenant.submitted(deletion.service)).slice(before);
            const of = `${deletion.service}, ${ids.length} targets`;
            expect([of, requests.length]).toEqual([of, Math.ceil(ids.length / deletion.perRequest)]);
            expect([of, requests.flat().sort()]).toEqual([of, ids]);
            expect([of, await alive(tenant, deletion)]).toEqual([of, []]);
        }
    }
    expect(await tenant.doubles()).toEqual([]);
});

test.each(faces)(
    "%s face: eight resources at once share full requests, and each tells of its own targets",
    async (face) => {
        // A real cloud answers more slowly than an emulator: while the first inspection is under way, the engine calls all the other hooks.
        const looks = [
            ["workspaceapp", "ListImageServers"],
            ["workspaceapp", "ShowImageServer"],
            ["clouddc", "ListInstances"],
            ["roma", "ListApps"],
            ["roma", "ShowApp"],
            ["metastudio", "ListAssetSummary"],
        ] as const;
        const faults = looks.map(([service, operation]) => ({
            fault: "delay" as const,
            service,
            operation,
            ms: 800,
            times: 12,
        }));
        const tenant = await Tenant.open({ seed: { durations: QUICK, faults } });
        const merged = deletions.filter(({ perRequest }) => perRequest > 1);
        const sets = await Promise.all(
            merged.map(async (deletion) => {
                const ids = await addTargets(tenant, deletion, 40);
                const parts = Array.from({ length: 8 }, (_, n) => ids.slice(n * 5, n * 5 + 5));
                return { deletion, ids, parts };
            }),
        );
        const resources = sets.flatMap(({ deletion, parts }) =>
            parts.map((part, n) => declared(deletion, "create", part, { name: `${deletion.service}-${n}` })),
        );
        const stack = await Stack.create({ program: programOf(...resources), env: tenant.env, face });
        await stack.must("up", "--yes", "--skip-preview", "--parallel", "64");

        for (const { deletion, ids } of sets) {
            const requests = await tenant.submitted(deletion.service);
            expect(requests.flat().sort()).toEqual(ids);
            // Hooks that the engine calls a moment later than the others may cost one request more.
            expect(requests.length).toBeLessThanOrEqual(Math.ceil(ids.length / deletion.perRequest) + 1);
            expect(await alive(tenant, deletion)).toEqual([]);
        }
        for (const { urn, outputs } of await stack.resources()) {
            expect([urn, outputs]).toEqual([
                urn,
                expect.objectContaining({
                    counts: { deleted: 5, alreadyGone: 0, done: 0, alreadyDone: 0, failed: 0, unknown: 0 },
                    remaining: 0,
                }),
            ]);
        }
        expect(await tenant.doubles()).toEqual([]);
    },
);
