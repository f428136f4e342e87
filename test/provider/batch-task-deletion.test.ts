import { VideoTenant } from "./batch-task-tenant";

let tenant: VideoTenant;
beforeEach(() => {
    tenant = new VideoTenant();
});
afterEach(() => {
    expect(tenant.clock.sleepers).toBe(0);
});

describe("BatchTaskDeletion", () => {
    const deletion = (when: "create" | "destroy", ids: readonly string[]) => ({
        __resource: "vias:BatchTaskDeletion",
        __urn: "urn:deletion",
        __provider: "code",
        batchTaskIds: ids,
        when,
    });
    const seed = async () => {
        const [running = [], idle = [], others = []] = await tenant.control.seed({
            objects: [
                { service: "vias", kind: "batchTasks", count: 3, template: { num_task: 2, task_state: "RUNNING" } },
                { service: "vias", kind: "batchTasks", count: 3, template: { num_task: 2, task_state: "STOPPED" } },
                { service: "vias", kind: "batchTasks", count: 2, template: { num_task: 1, task_state: "RUNNING" } },
            ],
        });
        return { declared: [...running, ...idle], others };
    };

    test.each(["refuse", "count-failed"])(
        "when: create. Running batch tasks are stopped and then deleted (%s)",
        async (deleteActive) => {
            await tenant.settings({ deleteActive });
            const { declared, others } = await seed();
            const stack = await tenant.create(deletion("create", declared));
            expect(stack).toMatchObject({ reasons: undefined, outs: { counts: { deleted: 6 }, remaining: 0 } });
            expect((await tenant.batches()).map(({ id }) => id).sort()).toEqual([...others].sort());
            expect((await tenant.sent()).filter((sent) => sent === "stop")).toHaveLength(3);
            expect((await tenant.control.auditLog()).doubleSubmissions).toEqual([]);
            await tenant.destroy(stack);
            expect(await tenant.batches()).toHaveLength(2);
        },
    );

    test("when: destroy. Up sends nothing; destroy deletes what is still there", async () => {
        const { declared, others } = await seed();
        const stack = await tenant.create(deletion("destroy", declared));
        expect(await tenant.sent()).toEqual([]);
        await tenant.control.remove({ service: "vias", kind: "batchTasks", id: declared[0] ?? "" });
        expect((await tenant.refresh(stack)).outs).toMatchObject({ remaining: 5 });
        await tenant.destroy(stack);
        expect((await tenant.batches()).map(({ id }) => id).sort()).toEqual([...others].sort());
    });
});
