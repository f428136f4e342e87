import { addTargets, alive, declared, deletions, roma } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

test("two pipelines at once on the same targets: both end well, and nothing is submitted while it is being deleted", async () => {
    const tenant = await Tenant.open();
    const sets = await Promise.all(
        deletions.map(async (deletion) => ({ deletion, ids: await addTargets(tenant, deletion, 30) })),
    );
    // ROMA's job lasts long enough for the other pipeline to meet it.
    await tenant.control.seed({ durations: { roma: { "delete-assets": { kind: "fixed", ms: 100_000 } } } });
    const program = programOf(...sets.map(({ deletion, ids }) => declared(deletion, "create", ids)));
    // The same user, with a key for each pipeline, so that the log tells them apart.
    const second = { access: "SECOND00000000000000", secret: "a-second-secret" };
    await tenant.addOne("iam", "accessKeys", second);
    const stacks = await Promise.all([
        Stack.create({ program, env: tenant.env }),
        Stack.create({ program, env: { ...tenant.env, HW_ACCESS_KEY: second.access, HW_SECRET_KEY: second.secret } }),
    ]);
    const runs = await Promise.all(stacks.map((stack) => stack.up()));
    for (const { code, output } of runs) {
        expect([code, output]).toEqual([0, expect.any(String)]);
    }

    const counted = await Promise.all(
        stacks.map(async (stack) => {
            const resources = await stack.resources();
            return new Map(resources.map(({ urn, outputs }) => [urn.split("::").at(-1), outputs]));
        }),
    );
    for (const { deletion, ids } of sets) {
        expect(await alive(tenant, deletion)).toEqual([]);
        const name = `${deletion.service}-targets`;
        for (const outputs of counted) {
            expect([name, outputs.get(name)]).toEqual([
                name,
                expect.objectContaining({
                    remaining: 0,
                    failed: [],
                    counts: expect.objectContaining({ failed: 0, unknown: 0 }),
                }),
            ]);
        }
        // Whoever came first; the other joined its wait, or found them gone.
        const accepted = (await tenant.submitted(deletion.service)).flat();
        expect([deletion.service, accepted.toSorted()]).toEqual([deletion.service, ids]);
    }
    const refusals = (await tenant.requests()).filter(({ errorCode }) => errorCode === "ROMA.10012");
    process.stdout.write(`two pipelines: ROMA held the second back ${refusals.length} times\n`);
    expect(await tenant.submitted(roma.service)).toHaveLength(1);
    expect(await avoidableDoubles(tenant)).toEqual([]);
});

/** Submitted again by a pipeline that had looked since the first submit: it could have seen it. */
async function avoidableDoubles(tenant: Tenant) {
    const requests = await tenant.requests();
    const submissions = await tenant.submissions();
    const place = (requestId: string) => requests.findIndex((request) => request.requestId === requestId);
    return (await tenant.doubles()).filter(({ service, operation, id, requestId }) => {
        const again = place(requestId);
        const { identity } = requests[again] ?? {};
        const first = submissions.find((each) => each.service === service && each.accepted && each.ids.includes(id));
        const look = requests.findLastIndex(
            (each, index) =>
                index < again && each.service === service && each.identity === identity && each.operation !== operation,
        );
        return first === undefined || look > place(first.requestId);
    });
}
