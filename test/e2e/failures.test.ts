import { HOME_PROJECT_ID } from "../../emulator/src";
import { addTargets, alive, clouddc, declared, deletions, metastudio, roma, workspaceapp } from "./deletions";
import { faces, onBothFaces } from "./faces";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

const REQUEST_IDS = /request [\w-]+/g;
const JOB_IDS = /job [\w-]+/g;

/** The CLI's output, line by line, without what differs from run to run. */
function linesOf(output: string): string[] {
    const lines = output.split("\n").map((line) => line.replace(/^[\s*-]+/, "").trimEnd());
    return lines.map((line) => line.replaceAll(REQUEST_IDS, "request R").replaceAll(JOB_IDS, "job J"));
}

/** Of each deletion one target that the cloud refuses to delete, once. */
async function withOneFailureEach(tenant: Tenant) {
    const apps = await addTargets(tenant, roma, 5);
    const servers = await addTargets(tenant, workspaceapp, 5);
    const instances = await addTargets(tenant, clouddc, 5);
    const assets = await addTargets(tenant, metastudio, 5);
    const failing = (service: string, process: string, id: string | undefined, code: string, message: string) => ({
        service,
        process,
        ids: [id ?? ""],
        times: 1,
        outcome: "fail" as const,
        code,
        message,
    });
    await tenant.control.seed({
        outcomes: [
            failing("roma", "delete-app", apps[2], "ROMA.10010", "The application has subscribers."),
            failing("workspaceapp", "delete-image-server", servers[2], "WKS.0010", "The snapshot is in use."),
            failing("clouddc", "delete-instance", instances[2], "iMetal.0300", "The disk could not be erased."),
            failing("metastudio", "delete", assets[2], "MSS.00000004", "Internal Error"),
        ],
    });
    const sets = [
        { deletion: roma, ids: apps },
        { deletion: workspaceapp, ids: servers },
        { deletion: clouddc, ids: instances },
        { deletion: metastudio, ids: assets },
    ];
    const toldOf = (verb: string) => [
        `ROMA Connect assets: 4 of 5 deleted, 0 already gone, 1 failed; ${verb}`,
        `1 app failed: ROMA.10010 The application has subscribers.: ${apps[2]}; job J`,
        `Workspace APP image servers: 4 of 5 deleted, 0 already gone, 1 failed; ${verb}`,
        `1 image server failed: WKS.0010 The snapshot is in use.: ${servers[2]}; job J`,
        `CloudDC instances: 4 of 5 deleted, 0 already gone, 1 failed; ${verb}`,
        `1 instance failed: iMetal.0300 The disk could not be erased.: ${instances[2]}`,
        `MetaStudio assets: 4 of 5 deleted, 0 already gone, 1 failed; ${verb}`,
        `1 asset failed: MSS.00000004 Internal Error: ${assets[2]}`,
    ];
    return { sets, told: toldOf("run the same command again to go on with what is left") };
}

onBothFaces(
    "a target that the cloud can't delete: up says which and why, keeps the state, and the next up finishes",
    async (scene) => {
        const tenant = await scene.tenant();
        const { sets, told } = await withOneFailureEach(tenant);
        const resources = sets.map(({ deletion, ids }) => declared(deletion, "create", ids));
        const stack = await scene.stack({ program: programOf(...resources), env: tenant.env });

        const failed = await stack.up();
        expect(failed.code).not.toBe(0);
        expect(linesOf(failed.output)).toEqual(expect.arrayContaining(told));
        expect(failed.output).not.toMatch(/^\s+at /m);
        for (const { deletion, ids } of sets) {
            const { id, outputs, initErrors } = await stack.resource(`${deletion.service}-targets`);
            expect(id).toMatch(/^cn-north-4\/0123456789abcdef0123456789abcdef\/.+/);
            expect(outputs).toMatchObject({
                counts: { deleted: 4, alreadyGone: 0, failed: 1, unknown: 0 },
                remaining: 1,
                open: [expect.stringContaining(ids[2] ?? "")],
                failed: [expect.objectContaining({ count: 1, ids: [ids[2]] })],
                place: { region: "cn-north-4" },
            });
            expect(initErrors).toHaveLength(2);
            expect(await alive(tenant, deletion)).toEqual(deletion === clouddc ? [ids[2]] : [ids[2]]);
        }

        const before = (await tenant.submissions()).length;
        await stack.must("up", "--yes", "--skip-preview");
        for (const { deletion, ids } of sets) {
            const again = (await tenant.submissions())
                .slice(before)
                .filter(({ service }) => service === deletion.service);
            expect(again.map((submission) => submission.ids)).toEqual([[ids[2]]]);
            expect(await alive(tenant, deletion)).toEqual([]);
            expect((await stack.resource(`${deletion.service}-targets`)).initErrors).toEqual([]);
        }
        await stack.must("preview", "--expect-no-changes");
        expect(await tenant.doubles()).toEqual([]);
    },
);

onBothFaces(
    "a destroy that fails says the same lines and no stack trace, keeps the state, and the next destroy finishes",
    async (scene) => {
        const tenant = await scene.tenant();
        const { sets, told } = await withOneFailureEach(tenant);
        const resources = sets.map(({ deletion, ids }) => declared(deletion, "destroy", ids));
        const stack = await scene.stack({ program: programOf(...resources), env: tenant.env });
        await stack.must("up", "--yes", "--skip-preview");
        const recorded = await stack.resources();

        const failed = await stack.destroy("--continue-on-error");
        expect(failed.code).not.toBe(0);
        const lines = linesOf(failed.output).map((line) => line.replace(/^error: (deleting \S+: )?/, ""));
        expect(lines).toEqual(expect.arrayContaining(told));
        expect(failed.output).not.toMatch(/^\s+at /m);
        expect(await stack.resources()).toEqual(recorded);

        const before = (await tenant.submissions()).length;
        await stack.must("destroy", "--yes", "--skip-preview");
        const again = (await tenant.submissions()).slice(before).flatMap(({ ids }) => ids);
        expect(again.sort()).toEqual(sets.map(({ ids }) => ids[2]).sort());
        expect(await stack.resources()).toEqual([]);
        expect(await tenant.doubles()).toEqual([]);
    },
);

describe.each(faces)(
    "%s face: what is refused before anything is done is said in one line for each resource",
    (face) => {
        test("wrong keys, a wrong region, and what is missing", async () => {
            const tenant = await Tenant.open();
            const sets = await Promise.all(
                deletions.map(async (deletion) => ({ deletion, ids: await addTargets(tenant, deletion, 2) })),
            );
            const resources = sets.map(({ deletion, ids }) => declared(deletion, "create", ids));
            const stack = await Stack.create({ program: programOf(...resources), env: tenant.env, face });
            /** Its requests, after a check that each resource's error is one line that says why. */
            const refused = async (env: Record<string, string>, why: RegExp) => {
                stack.setEnv(env);
                const before = (await tenant.requests()).length;
                const { code, output } = await stack.up();
                expect(code).not.toBe(0);
                expect(output).not.toMatch(/^\s+at /m);
                const errors = output
                    .split("\n")
                    .filter((line) => /^\s+error: /.test(line) && !line.includes("update failed"));
                expect(errors).not.toEqual([]);
                for (const line of errors) {
                    expect(line).toMatch(why);
                }
                // The engine does not begin with what is left when the first has failed; the stack itself counts as failed too.
                expect(output).toContain(`${errors.length + 1} errored`);
                return (await tenant.requests()).slice(before);
            };
            const without = (...names: readonly string[]) =>
                Object.fromEntries(Object.entries(tenant.env).filter(([name]) => !names.includes(name)));

            // A wrong key costs one request, whatever the number of resources: IAM's, which is asked first for the project,
            const wrong = { ...tenant.env, HW_SECRET_KEY: "wrong" };
            const byIam = await refused(wrong, /401.*credentials from the environment \(HW_ACCESS_KEY\).*request \w+/);
            expect(byIam.map(({ status }) => status)).toEqual([401]);
            // or that of whichever service comes first; MetaStudio refuses an identity with 400.
            const byService = await refused(
                { ...wrong, HW_PROJECT_ID: HOME_PROJECT_ID },
                /(APIGW\.0301|MSS\.00000001).*credentials from the environment \(HW_ACCESS_KEY\).*request \w+/,
            );
            const [first] = byService;
            expect(byService.map(({ status }) => status)).toEqual([first?.service === "metastudio" ? 400 : 401]);

            const inNowhere = await refused({ ...tenant.env, HW_REGION_NAME: "cn-nowhere-1" }, /cn-nowhere-1/);
            expect(inNowhere.map(({ operation }) => operation)).toEqual(["KeystoneListProjects"]);

            const noCredentials = /no credentials: set HW_ACCESS_KEY and HW_SECRET_KEY/;
            expect(await refused(without("HW_ACCESS_KEY", "HW_SECRET_KEY"), noCredentials)).toEqual([]);
            const half = /HW_SECRET_KEY is set in the environment, but HW_ACCESS_KEY is not/;
            expect(await refused(without("HW_ACCESS_KEY"), half)).toEqual([]);
            expect(await refused(without("HW_REGION_NAME"), /HW_REGION_NAME/)).toEqual([]);

            expect(await tenant.submissions()).toEqual([]);
            expect(await stack.resources()).toEqual([]);
        });
    },
);

onBothFaces(
    "at the deadline what is open becomes unknown, with the job that may still be at it; the next up goes on",
    async (scene) => {
        const tenant = await scene.tenant();
        const anHour = { kind: "fixed", ms: 3_600_000 } as const;
        await tenant.control.seed({
            durations: {
                roma: { "delete-assets": anHour },
                workspaceapp: { "delete-image-server": anHour },
                clouddc: { "delete-instance": anHour },
            },
        });
        const sets = await Promise.all(
            [roma, workspaceapp, clouddc].map(async (deletion) => ({
                deletion,
                ids: await addTargets(tenant, deletion, 3),
            })),
        );
        const resources = (timeout: string) =>
            sets.map(({ deletion, ids }) => declared(deletion, "create", ids, { timeout }));
        const stack = await scene.stack({ program: programOf(...resources("2s")), env: tenant.env });

        const failed = await stack.up();
        expect(failed.code).not.toBe(0);
        const submissions = await tenant.submissions();
        for (const { deletion, ids } of sets) {
            const job = submissions.find(({ service }) => service === deletion.service)?.job ?? undefined;
            const line = failed.output.split("\n").find((each) => ids.every((id) => each.includes(id)));
            expect(line).toMatch(/3 \w+( \w+)? unknown: Timeout /);
            expect(line).toMatch(job === undefined ? /unknown/ : new RegExp(`job ${job} may still be working on them`));
            const { outputs, initErrors } = await stack.resource(`${deletion.service}-targets`);
            expect(outputs).toMatchObject({ counts: { deleted: 0, failed: 0, unknown: 3 }, remaining: 3 });
            expect(initErrors).toHaveLength(2);
        }

        await tenant.control.clock({ do: "advance", ms: 3_600_000 });
        await stack.setProgram(programOf(...resources("10m")));
        await stack.must("up", "--yes", "--skip-preview");
        for (const { deletion } of sets) {
            expect(await alive(tenant, deletion)).toEqual([]);
        }
        expect(await tenant.submissions()).toEqual(submissions);
    },
);
