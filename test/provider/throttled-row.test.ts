import { VideoTenant } from "./batch-task-tenant";

const task = {
    __resource: "vias:BatchTask",
    __urn: "urn:task",
    name: "counting",
    batchInput: {
        videoSourceGroup: [
            {
                videoSourceGroupId: "b0000000000000000000000000000001",
                videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
            },
        ],
    },
    output: { eventCenter: true },
    serviceName: "people-counting",
    serviceVersion: "1.0.0",
};

test("a throttled refresh of a batch task says so in its row, and any other refresh says nothing", async () => {
    const tenant = new VideoTenant();
    const stack = await tenant.create(task);
    const { length } = tenant.lines;
    await tenant.refresh(stack);
    expect(tenant.lines.slice(length)).toEqual([]);
    await tenant.faults({ fault: "respond", service: "vias", status: 429, code: "APIGW.0308", times: 2 });
    await tenant.refresh(stack);
    expect(tenant.lines.slice(length)).toEqual([
        expect.stringMatching(/^waiting: VIAS throttles requests, 0:\d\d$/),
        expect.stringMatching(/^waiting: VIAS throttles requests, 0:\d\d$/),
    ]);
});
