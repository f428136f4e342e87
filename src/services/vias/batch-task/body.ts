import * as z from "zod";
import { idOf } from "../../shared/fields";

/*
 * The body of CreateBatchTask and UpdateBatchTask, with the rules from its documentation:
 * https://support.huaweicloud.com/api-vias/CreateBatchTask.html
 */

const LETTERS = "\\u4E00-\\u9FA5A-Za-z0-9_-";
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, "a time of day is hh:mm:ss");
const dataCategory = z.array(z.string().min(1)).optional();

const schedule = z.strictObject({
    /** The service has no other type. */
    type: z.literal("weekly"),
    /** "+08:00" */
    timezone: z.string().regex(/^[+-]\d{2}:\d{2}$/, 'a time zone is an offset such as "+08:00"'),
    /** 1 (Monday) to 7 (Sunday). */
    daysOfWeek: z.array(z.int().min(1).max(7)).min(1).max(7),
    /** Per day, the windows in which the task runs. */
    periods: z.array(z.array(z.strictObject({ beginAt: clock, endAt: clock })).min(1)).min(1),
});

const batchInput = z.strictObject({
    videoSourceGroup: z
        .array(
            z.strictObject({
                videoSourceGroupId: idOf("a video source group"),
                videoSourceList: z
                    .array(z.strictObject({ videoSourceId: idOf("a video source"), targetRoi: z.string().optional() }))
                    .optional(),
            }),
        )
        .min(1),
});

/** For a rule over a whole object. By default zod skips it if a part is wrong, so its failure would appear only after the part is corrected. */
const withOtherFaults = {
    when: ({ value }: { readonly value: unknown }) =>
        typeof value === "object" && value !== null && !Array.isArray(value),
};

const output = z
    .strictObject({
        obs: z
            .strictObject({
                bucket: z
                    .string()
                    .regex(
                        /^[a-z0-9](?!.*[-.][-.])[a-z0-9.-]{1,61}[a-z0-9]$/,
                        "an OBS bucket has 3 to 63 small letters, digits, - or .",
                    ),
                path: z
                    .string()
                    .max(1023)
                    .regex(/^(?![/.\s])[^:*?"<>|\\\p{Cc}]*(?<![.\s])$/u, "not a path in an OBS bucket"),
                dataCategory,
            })
            .optional(),
        dis: z
            .strictObject({
                streamName: z
                    .string()
                    .regex(/^[-A-Za-z0-9_]{1,64}$/, "a DIS stream has 1 to 64 letters, digits, - or _"),
                dataCategory,
            })
            .optional(),
        webhook: z
            .strictObject({
                url: z.url({ protocol: /^https?$/ }),
                /** 1 to 10 headers, sent unchanged. They may be secrets. */
                headers: z
                    .record(z.string(), z.string())
                    .refine((headers) => !Object.hasOwn(headers, ""), {
                        ...withOtherFaults,
                        error: "a header must have a name",
                    })
                    .refine((headers) => Object.keys(headers).length >= 1 && Object.keys(headers).length <= 10, {
                        ...withOtherFaults,
                        error: "a webhook has 1 to 10 headers",
                    }),
                dataCategory,
            })
            .optional(),
        eventCenter: z.boolean().optional(),
    })
    .refine(
        (sinks) =>
            sinks.obs !== undefined ||
            sinks.dis !== undefined ||
            sinks.webhook !== undefined ||
            sinks.eventCenter === true,
        { ...withOtherFaults, error: "at least one output: obs, dis, webhook or eventCenter: true" },
    );

/** The arguments of `vias.BatchTask` that form the request's body, with names in camelCase. The keys in `config.common` and the webhook headers are sent unchanged. */
export const batchTaskBody = z.strictObject({
    name: z
        .string()
        .regex(new RegExp(`^[${LETTERS}]{1,100}$`), "a name has 1 to 100 Chinese characters, letters, digits, - or _"),
    description: z.string().max(500).optional(),
    schedule: schedule.optional(),
    batchInput,
    output,
    /** Defined by the algorithm. */
    config: z.strictObject({ common: z.record(z.string(), z.json()) }).optional(),
    serviceName: z
        .string()
        .regex(
            new RegExp(`^[${LETTERS}]{1,100}$`),
            "a service name has 1 to 100 Chinese characters, letters, digits, - or _",
        ),
    serviceVersion: z
        .string()
        .regex(/^[a-z0-9.]{3,32}$/, "a service version has 3 to 32 small letters, digits or dots"),
    /** Default false. */
    isSavedAsTemplate: z.boolean().optional(),
    /** Commercial algorithms only. */
    resourceOrderId: z
        .string()
        .regex(/^[a-z0-9_-]{4,36}$/, "a resource order id has 4 to 36 small letters, digits, - or _")
        .optional(),
});

export type BatchTaskBody = z.output<typeof batchTaskBody>;

/** The body of UpdateBatchTask: without service_name and service_version. Undefined values are not sent. */
export function updateBody(body: BatchTaskBody) {
    return {
        name: body.name,
        description: body.description,
        schedule: body.schedule && {
            type: body.schedule.type,
            timezone: body.schedule.timezone,
            days_of_week: body.schedule.daysOfWeek,
            periods: body.schedule.periods.map((windows) =>
                windows.map((window) => ({ begin_at: window.beginAt, end_at: window.endAt })),
            ),
        },
        batch_input: {
            video_source_group: body.batchInput.videoSourceGroup.map((group) => ({
                video_source_group_id: group.videoSourceGroupId,
                video_source_list: group.videoSourceList?.map((source) => ({
                    video_source_id: source.videoSourceId,
                    target_roi: source.targetRoi,
                })),
            })),
        },
        output: wireOutput(body.output),
        config: body.config,
        is_saved_as_template: body.isSavedAsTemplate,
        resource_order_id: body.resourceOrderId,
    };
}

/** The body of CreateBatchTask. */
export function createBody(body: BatchTaskBody) {
    return { ...updateBody(body), service_name: body.serviceName, service_version: body.serviceVersion };
}

function wireOutput({ obs, dis, webhook, eventCenter }: BatchTaskBody["output"]) {
    return {
        obs: obs && { bucket: obs.bucket, path: obs.path, data_category: obs.dataCategory },
        dis: dis && { stream_name: dis.streamName, data_category: dis.dataCategory },
        webhook: webhook && { url: webhook.url, headers: webhook.headers, data_category: webhook.dataCategory },
        event_center: eventCenter,
    };
}
