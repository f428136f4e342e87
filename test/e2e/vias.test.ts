import { onBothFaces } from "./faces";

const SECRET = "planted-webhook-header-4f1d";

const program = (task: { readonly name: string }, others: readonly string[]) => `
const { vias } = require("pulumi-huaweicloud-batch");
const task = new vias.BatchTask("task", {
    name: ${JSON.stringify(task.name)},
    serviceName: "people-counting",
    serviceVersion: "1.0.0",
    batchInput: { videoSourceGroup: [{
        videoSourceGroupId: "b0000000000000000000000000000001",
        videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }, { videoSourceId: "c0000000000000000000000000000002" }],
    }] },
    output: { webhook: { url: "http://127.0.0.1/hook", headers: { "X-Auth": ${JSON.stringify(SECRET)} } } },
    desiredState: "started",
});
new vias.BatchTaskDeletion("others", { batchTaskIds: ${JSON.stringify(others)}, when: "destroy" });
exports.states = task.states;
`;

onBothFaces(
    "a batch task: left unfinished, gone on with, updated in place, mended after drift, destroyed; others go with the stack",
    async (scene) => {
        // Two starts of each child fail: the creation's, and the one that is asked for after it.
        const tenant = await scene.tenant({
            speed: 60,
            seed: {
                outcomes: [
                    {
                        service: "vias",
                        process: "start-task",
                        outcome: "fail",
                        status: "START_FAILED",
                        message: `no capacity for ${SECRET}`,
                        times: 4,
                    },
                ],
            },
        });
        const others = await tenant.add("vias", "batchTasks", 2, { batch_task_name: "other-{n}", num_task: 2 });
        const [strange = ""] = await tenant.add("vias", "batchTasks", 1, { batch_task_name: "strange" });
        const changes = async () =>
            (await tenant.control.requests())
                .filter(({ service, method }) => service === "vias" && method !== "GET")
                .map(({ operation, path }) =>
                    operation === "BatchStartStopTask" ? path.split("/").at(-1) : operation,
                );
        const said: string[] = [];
        const stack = await scene.stack({ program: program({ name: "counting" }, others), env: tenant.env });
        const must = async (...args: string[]) => {
            said.push((await stack.must(...args)).output, await stack.exportText());
        };

        const failed = await stack.up();
        said.push(failed.output, await stack.exportText());
        expect(failed.code).not.toBe(0);
        expect(failed.output).toMatch(/VIAS batch task \w+ is not as declared: ChildrenFailed: .*2 start_failed/);
        expect(failed.output).toMatch(
            /2 tasks are START_FAILED: VIAS\.00010006 no capacity for \[redacted\]: .*counting-entrance-north \(\w+\)/,
        );
        const { id } = await stack.resource("task");
        await must("up", "--yes", "--skip-preview");
        expect(await stack.resource("task")).toMatchObject({
            id,
            outputs: { states: { running: 2 }, inDesiredState: true },
            initErrors: [],
        });
        expect(await changes()).toEqual(["CreateBatchTask", "start", "start"]);
        await must("preview", "--expect-no-changes");

        await stack.setProgram(program({ name: "renamed" }, others));
        await must("up", "--yes", "--skip-preview");
        expect((await changes()).slice(3)).toEqual(["UpdateBatchTask", "stop", "UpdateBatchTask", "start"]);
        expect(said.join()).toMatch(/are stopped for the update, and started again after it/);

        const child = (await tenant.control.objects("vias", "tasks")).find(({ object }) => object.batch_id === id);
        await tenant.control.change({
            service: "vias",
            kind: "tasks",
            id: String(child?.object.id),
            changes: { state: "STOPPED" },
        });
        await must("refresh", "--yes", "--skip-preview");
        expect((await stack.resource("task")).outputs).toMatchObject({
            states: { running: 1, stopped: 1 },
            inDesiredState: false,
        });
        await must("up", "--yes", "--skip-preview");
        expect((await changes()).slice(7)).toEqual(["start"]);
        expect((await stack.resource("task")).id).toBe(id);

        await must("destroy", "--yes", "--skip-preview");
        expect(await tenant.ids("vias", "batchTasks")).toEqual([strange]);
        expect(new Set((await tenant.submitted("vias")).flat())).toEqual(new Set([...others, id]));
        expect((await tenant.control.auditLog()).doubleSubmissions).toEqual([]);
        expect(await stack.resources()).toEqual([]);
        for (const text of said) {
            expect(text).not.toContain(SECRET);
            expect(text).not.toContain(Buffer.from(SECRET).toString("base64").slice(0, -4));
        }
    },
);
