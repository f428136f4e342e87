import { addTargets, alive, clouddc, declared, metastudio, roma, workspaceapp } from "./deletions";
import { onBothFaces } from "./faces";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

const processes = [
    { deletion: roma, process: "delete-app" },
    { deletion: workspaceapp, process: "delete-image-server" },
    { deletion: clouddc, process: "delete-instance" },
    { deletion: metastudio, process: "delete" },
];

/** Of each deletion four targets, two of which can't be deleted until the faults are taken away. */
async function withTwoThatStay(tenant: Tenant) {
    const sets = await Promise.all(
        processes.map(async ({ deletion, process }) => ({
            deletion,
            process,
            ids: await addTargets(tenant, deletion, 4),
        })),
    );
    await tenant.control.seed({
        outcomes: sets.map(({ deletion: { service }, process, ids }) => ({
            service,
            process,
            ids: ids.slice(0, 2),
            outcome: "fail" as const,
            code: "WKS.00211999",
            message: "locked by snapshot",
        })),
    });
    return sets;
}

onBothFaces(
    "half of an action failed, and a refresh drops the engine's memory of it: up goes on, whatever the option",
    async (scene) => {
        const tenant = await scene.tenant();
        const ids = await addTargets(tenant, metastudio, 3, { asset_state: "ACTIVED" });
        await tenant.control.seed({
            outcomes: [
                {
                    service: "metastudio",
                    process: "unactive",
                    ids: ids.slice(0, 1),
                    outcome: "fail",
                    times: 3,
                    code: "MSS.1",
                },
            ],
        });
        const args = { assetIds: ids, onCreate: "UNACTIVE" };
        const stack = await scene.stack({
            program: programOf({ type: "metastudio.AssetBatchAction", name: "action", args }),
            env: tenant.env,
        });
        expect((await stack.up()).code).not.toBe(0);
        await stack.must("refresh", "--yes", "--skip-preview");
        expect(await stack.resource("action")).toMatchObject({ outputs: { remaining: 1, open: ids.slice(0, 1) } });
        expect((await stack.run("preview", "--expect-no-changes")).code).not.toBe(0);
        expect((await stack.run("up", "--yes", "--skip-preview", "--refresh")).code).not.toBe(0);
        // Two tries of the first run's request and of the second's have failed: now it works.
        await tenant.control.seed({ outcomes: [] });
        for (let tries = 0; tries < 3 && (await stack.up("--refresh")).code !== 0; tries += 1) {}
        expect(await stack.resource("action")).toMatchObject({ outputs: { remaining: 0, open: [] } });
        expect((await tenant.submissions()).at(-1)?.ids).toEqual(ids.slice(0, 1));
        await stack.must("preview", "--expect-no-changes");
    },
);

onBothFaces(
    "what was allowed to fail leaves no diff: preview, refresh and up expect no changes, and nothing is sent again",
    async (scene) => {
        const tenant = await scene.tenant();
        const sets = await withTwoThatStay(tenant);
        const program = (more: object) =>
            programOf(
                ...sets.map(({ deletion, ids }) => declared(deletion, "create", ids, { allowedFailures: 2, ...more })),
            );
        const stack = await scene.stack({ program: program({}), env: tenant.env });
        const { output } = await stack.must("up", "--yes", "--skip-preview");
        expect(output).toContain("2 image servers failed: WKS.00211999 locked by snapshot");
        expect(output).toContain("as allowedFailures allows: they are left alone");
        expect(output).not.toContain("run the same command again");
        for (const { deletion, ids } of sets) {
            const { outputs } = await stack.resource(`${deletion.service}-targets`);
            expect(outputs).toMatchObject({ remaining: 0, open: [], counts: { deleted: 2, failed: 2 } });
            expect(outputs.allowedToFail).toEqual(ids.slice(0, 2).map((id) => expect.stringContaining(id)));
        }
        const before = (await tenant.submissions()).length;
        const stored = await stack.resources();
        await stack.must("preview", "--expect-no-changes");
        await stack.must("refresh", "--yes", "--skip-preview", "--expect-no-changes");
        await stack.must("up", "--yes", "--skip-preview", "--expect-no-changes");
        await stack.must("up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes");
        for (const { urn, outputs } of stored) {
            expect((await stack.resources()).find((each) => each.urn === urn)).toMatchObject({ outputs });
        }
        expect(await tenant.submissions()).toHaveLength(before);

        await stack.setProgram(program({ timeout: "20m" }));
        await stack.must("up", "--yes", "--skip-preview");
        expect(await tenant.submissions()).toHaveLength(before);

        // Fewer are allowed: they count again.
        await stack.setProgram(program({ timeout: "20m", allowedFailures: 1 }));
        expect((await stack.run("up", "--yes", "--skip-preview", "--continue-on-error")).code).not.toBe(0);
        const again = (await tenant.submissions()).slice(before);
        for (const { deletion, ids } of sets) {
            const sent = again.filter(({ service }) => service === deletion.service).flatMap((each) => each.ids);
            expect([...new Set(sent)].sort()).toEqual(ids.slice(0, 2));
        }
    },
);

test("at destroy what was allowed to fail is named, and that no stack knows it any more", async () => {
    const tenant = await Tenant.open();
    const sets = await withTwoThatStay(tenant);
    const resources = sets.map(({ deletion, ids }) => declared(deletion, "destroy", ids, { allowedFailures: 2 }));
    const stack = await Stack.create({ program: programOf(...resources), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");
    await stack.must("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    const { output } = await stack.must("destroy", "--yes", "--skip-preview");
    expect(output).not.toContain("run the same command again");
    for (const title of ["ROMA Connect", "Workspace APP", "CloudDC", "MetaStudio"]) {
        expect(output).toMatch(
            new RegExp(`${title} .*2 failed, as allowedFailures allows: .* no stack knows of them any more`),
        );
    }
    for (const { deletion, ids } of sets) {
        const [one = "", two = ""] = ids;
        expect(output.split("\n").some((line) => line.includes(one) && line.includes(two))).toBe(true);
        expect(await alive(tenant, deletion)).toEqual([one, two]);
    }
    expect(await stack.resources()).toEqual([]);
});

test("25 and 12 image servers that fail of two causes: each cause once, with its count, and all ids to be had", async () => {
    const tenant = await Tenant.open({ speed: 20 });
    const ids = await addTargets(tenant, workspaceapp, 40);
    const fail = (which: readonly string[], code: string, message: string) => ({
        service: "workspaceapp",
        process: "delete-image-server",
        ids: [...which],
        outcome: "fail" as const,
        code,
        message,
    });
    await tenant.control.seed({
        outcomes: [
            fail(ids.slice(0, 25), "WKS.00211999", "locked by snapshot"),
            fail(ids.slice(25, 37), "WKS.00220001", "account is in arrears"),
        ],
    });
    const stack = await Stack.create({ program: programOf(declared(workspaceapp, "create", ids)), env: tenant.env });
    const { code, output } = await stack.up();
    expect(code).not.toBe(0);
    expect(output).toContain("25 image servers failed: WKS.00211999 locked by snapshot");
    expect(output).toContain("12 image servers failed: WKS.00220001 account is in arrears");
    expect(ids.slice(0, 37).filter((id) => !output.includes(id))).toEqual([]);
    expect((await stack.resource("workspaceapp-targets")).outputs).toMatchObject({
        failed: [
            { code: "WKS.00211999", message: "locked by snapshot", count: 25 },
            { code: "WKS.00220001", message: "account is in arrears", count: 12 },
        ],
        failedMore: 0,
    });
});
