import { type BatchTaskBody, batchTaskBody, createBody, updateBody } from "../../src/services/vias/batch-task/body";

const least = {
    name: "夜间-night_1",
    batchInput: { videoSourceGroup: [{ videoSourceGroupId: "g1" }] },
    output: { eventCenter: true },
    serviceName: "counting",
    serviceVersion: "1.0",
};

const most: BatchTaskBody = {
    ...least,
    description: "all there is",
    schedule: {
        type: "weekly",
        timezone: "+08:00",
        daysOfWeek: [1, 7],
        periods: [[{ beginAt: "00:00:00", endAt: "23:59:59" }]],
    },
    batchInput: {
        videoSourceGroup: [
            {
                videoSourceGroupId: "g1",
                videoSourceList: [{ videoSourceId: "v1", targetRoi: "0,0" }, { videoSourceId: "v2" }],
            },
        ],
    },
    output: {
        obs: { bucket: "my-bucket", path: "a/b", dataCategory: ["alarm"] },
        dis: { streamName: "stream_1" },
        webhook: { url: "https://hook.example.com/x", headers: { "X-Token": "s3cret", camelCase: "kept" } },
        eventCenter: false,
    },
    config: { common: { someKey: { inner_key: [1, null, "x"] } } },
    isSavedAsTemplate: true,
    resourceOrderId: "order-1",
};

/** As it reaches the wire. */
const wire = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

test("the least a batch task needs", () => {
    expect(wire(createBody(batchTaskBody.parse(least)))).toEqual({
        name: "夜间-night_1",
        batch_input: { video_source_group: [{ video_source_group_id: "g1" }] },
        output: { event_center: true },
        service_name: "counting",
        service_version: "1.0",
    });
});

test("all there is, with the user's own names as they are", () => {
    expect(wire(createBody(batchTaskBody.parse(most)))).toEqual({
        name: "夜间-night_1",
        description: "all there is",
        schedule: {
            type: "weekly",
            timezone: "+08:00",
            days_of_week: [1, 7],
            periods: [[{ begin_at: "00:00:00", end_at: "23:59:59" }]],
        },
        batch_input: {
            video_source_group: [
                {
                    video_source_group_id: "g1",
                    video_source_list: [{ video_source_id: "v1", target_roi: "0,0" }, { video_source_id: "v2" }],
                },
            ],
        },
        output: {
            obs: { bucket: "my-bucket", path: "a/b", data_category: ["alarm"] },
            dis: { stream_name: "stream_1" },
            webhook: { url: "https://hook.example.com/x", headers: { "X-Token": "s3cret", camelCase: "kept" } },
            event_center: false,
        },
        config: { common: { someKey: { inner_key: [1, null, "x"] } } },
        is_saved_as_template: true,
        resource_order_id: "order-1",
        service_name: "counting",
        service_version: "1.0",
    });
});

test("an update has all but the service", () => {
    const { service_name, service_version, ...rest } = createBody(most);
    expect([service_name, service_version]).toEqual(["counting", "1.0"]);
    expect(wire(updateBody(most))).toEqual(wire(rest));
    expect(Object.keys(updateBody(most))).not.toContain("service_name");
});

const withOutput = (output: unknown) => ({ ...least, output });
const withSchedule = (schedule: object) => ({ ...least, schedule: { ...most.schedule, ...schedule } });

test.each([
    ["no name", { ...least, name: "" }, "name"],
    ["a name of 101", { ...least, name: "a".repeat(101) }, "name"],
    ["a name with a space", { ...least, name: "a b" }, "name"],
    ["a name with a line break", { ...least, name: "a\n" }, "name"],
    ["a description of 501", { ...least, description: "d".repeat(501) }, "description"],
    ["no video source group", { ...least, batchInput: { videoSourceGroup: [] } }, "batchInput"],
    ["no output", withOutput({}), "output"],
    ["an output that is off", withOutput({ eventCenter: false }), "output"],
    ["an unknown output", withOutput({ eventCenter: true, kafka: {} }), "output"],
    ["a bucket with capitals", withOutput({ obs: { bucket: "Bucket", path: "p" } }), "output"],
    ["a bucket with .-", withOutput({ obs: { bucket: "a.-b", path: "p" } }), "output"],
    ["a path from the root", withOutput({ obs: { bucket: "bucket", path: "/p" } }), "output"],
    ["a stream of 65", withOutput({ dis: { streamName: "s".repeat(65) } }), "output"],
    ["a webhook without headers", withOutput({ webhook: { url: "https://h.example.com", headers: {} } }), "output"],
    [
        "a webhook with 11 headers",
        withOutput({
            webhook: {
                url: "https://h.example.com",
                headers: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`h${i}`, "v"])),
            },
        }),
        "output",
    ],
    ["a webhook to a file", withOutput({ webhook: { url: "file:///etc", headers: { a: "b" } } }), "output"],
    ["a daily schedule", withSchedule({ type: "daily" }), "schedule"],
    ["days of the month", withSchedule({ daysOfMonth: [1] }), "schedule"],
    ["day 8", withSchedule({ daysOfWeek: [8] }), "schedule"],
    ["no day", withSchedule({ daysOfWeek: [] }), "schedule"],
    ["no period", withSchedule({ periods: [] }), "schedule"],
    ["24 o'clock", withSchedule({ periods: [[{ beginAt: "00:00:00", endAt: "24:00:00" }]] }), "schedule"],
    ["a zone by name", withSchedule({ timezone: "Asia/Shanghai" }), "schedule"],
    ["a service with a slash", { ...least, serviceName: "a/b" }, "serviceName"],
    ["a version with capitals", { ...least, serviceVersion: "V1.0" }, "serviceVersion"],
    ["a version of 2", { ...least, serviceVersion: "v1" }, "serviceVersion"],
    ["an order id of 3", { ...least, resourceOrderId: "abc" }, "resourceOrderId"],
    ["a wire name", { ...least, service_name: "x" }, undefined],
])("refused: %s", (_, body, path) => {
    const result = batchTaskBody.safeParse(body);
    expect(result.success).toBe(false);
    expect(result.error?.issues.map((issue) => issue.path[0])).toEqual([path]);
});

test("every problem is told at once", () => {
    const result = batchTaskBody.safeParse({ ...least, name: "", output: {}, serviceVersion: "" });
    expect(result.error?.issues.map((issue) => issue.path[0])).toEqual(["name", "output", "serviceVersion"]);
});
