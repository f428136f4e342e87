import { addTargets, alive, type Deletion, declared, deletions, roma } from "./deletions";
import { until } from "./interruptions";
import { programOf } from "./programs";
import { type Ended, Stack } from "./stack";
import { Tenant } from "./tenant";

const DAY = 24 * 3_600_000;
/** Long enough that the other pipeline finds ROMA's job running where both begin at once. Milliseconds, twenty times faster here. */
const ROMA_JOB = 100_000;

interface Pipelines {
    readonly tenant: Tenant;
    readonly first: Stack;
    readonly second: Stack;
    /** What both declare. */
    readonly sets: ReadonlyArray<{ readonly deletion: Deletion; readonly ids: readonly string[] }>;
}

test("a pipeline begins while the deletions of another are under way: it joins them, and submits nothing again", async () => {
    const pipelines = await open();
    const { tenant, first, second, sets } = pipelines;
    const lasting = { kind: "fixed", ms: DAY } as const;
    await tenant.control.seed({
        durations: {
            roma: { "delete-assets": lasting },
            workspaceapp: { "delete-image-server": lasting },
            clouddc: { "delete-instance": lasting },
            vias: { "task-deletes": lasting },
        },
    });
    const firstRun = first.up();
    await until(async () => (await accepted(tenant)).length === sets.length * 30, "all submits of the first pipeline");
    const ofTheFirst = new Set((await tenant.requests()).map(({ identity }) => identity));
    const secondRun = second.up();
    const hasLookedAtAll = async () => {
        const requests = (await tenant.requests()).filter(({ identity }) => !ofTheFirst.has(identity));
        return sets.every(({ deletion }) => requests.some(({ service }) => service === deletion.service));
    };
    await until(hasLookedAtAll, "a look of the second pipeline at each service");
    await until(async () => (await heldBack(tenant)) > 0, "ROMA's refusal of a second job");
    await tenant.control.clock({ do: "advance", ms: DAY });

    await expectWell(pipelines, await Promise.all([firstRun, secondRun]));
    expect(await accepted(tenant)).toHaveLength(sets.length * 30);
    expect(await tenant.doubles()).toEqual([]);
});

test("two pipelines at once on the same targets: both end well, and neither asks twice for the same", async () => {
    const pipelines = await open();
    const { tenant, first, second, sets } = pipelines;
    await tenant.control.seed({ durations: { roma: { "delete-assets": { kind: "fixed", ms: ROMA_JOB } } } });
    await expectWell(pipelines, await Promise.all([first.up(), second.up()]));
    expect(await tenant.submitted(roma.service)).toHaveLength(1);
    process.stdout.write(`two pipelines: ROMA held the second back ${await heldBack(tenant)} times\n`);

    // Between the inspection of one pipeline and the effect of the other's submit nothing shows it: each may submit once, which is harmless.
    const submits = await accepted(tenant);
    for (const { ids } of sets) {
        for (const id of ids) {
            const askers = submits.filter((each) => each.id === id).map(({ identity }) => identity);
            expect([id, askers.length]).toEqual([id, new Set(askers).size]);
        }
    }
});

async function open(): Promise<Pipelines> {
    const tenant = await Tenant.open();
    const sets = await Promise.all(
        deletions.map(async (deletion) => ({ deletion, ids: await addTargets(tenant, deletion, 30) })),
    );
    const program = programOf(...sets.map(({ deletion, ids }) => declared(deletion, "create", ids)));
    // The same user, with a key for each pipeline, so that the log tells them apart.
    const key = { access: "SECOND00000000000000", secret: "a-second-secret" };
    await tenant.addOne("iam", "accessKeys", key);
    const [first, second] = await Promise.all([
        Stack.create({ program, env: tenant.env }),
        Stack.create({ program, env: { ...tenant.env, HW_ACCESS_KEY: key.access, HW_SECRET_KEY: key.secret } }),
    ]);
    return { tenant, first, second, sets };
}

/** Both say that all is gone, and so it is; each target was asked for by one of them at least. */
async function expectWell({ tenant, first, second, sets }: Pipelines, runs: readonly Ended[]): Promise<void> {
    for (const { code, output } of runs) {
        expect([code, output]).toEqual([0, expect.any(String)]);
    }
    for (const { deletion, ids } of sets) {
        expect(await alive(tenant, deletion)).toEqual([]);
        const name = `${deletion.service}-targets`;
        for (const stack of [first, second]) {
            const resource = (await stack.resources()).find(({ urn }) => urn.endsWith(`::${name}`));
            expect([name, resource?.outputs]).toEqual([
                name,
                expect.objectContaining({
                    remaining: 0,
                    failed: [],
                    counts: expect.objectContaining({ failed: 0, unknown: 0 }),
                }),
            ]);
        }
        const submitted = new Set((await tenant.submitted(deletion.service)).flat());
        expect([deletion.service, [...submitted].toSorted()]).toEqual([deletion.service, ids]);
    }
}

/** Each id of each request that was accepted, and who sent it. */
async function accepted(tenant: Tenant): Promise<ReadonlyArray<{ readonly id: string; readonly identity: string }>> {
    const requests = new Map((await tenant.requests()).map((request) => [request.requestId, request]));
    return (await tenant.submissions()).flatMap(({ ids, requestId, accepted: well }) =>
        well ? ids.map((id) => ({ id, identity: requests.get(requestId)?.identity ?? "nobody" })) : [],
    );
}

async function heldBack(tenant: Tenant): Promise<number> {
    return (await tenant.requests()).filter(({ errorCode }) => errorCode === "ROMA.10012").length;
}
