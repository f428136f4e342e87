import * as z from "zod";

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, "must be hh:mm:ss");
const categories = z.array(z.string()).optional();

export const taskName = z
    .string()
    .regex(/^[\u4E00-\u9FA5A-Za-z0-9_-]{1,100}$/, "must be 1 to 100 letters, digits, - or _");
export const description = z.string().max(500);

export const schedule = z.object({
    type: z.literal("weekly"),
    timezone: z.string().regex(/^[+-]\d{2}:\d{2}$/, "must be like +08:00"),
    days_of_week: z.array(z.number().int().min(1).max(7)).min(1),
    days_of_month: z.undefined("is not supported").optional(),
    periods: z.array(z.array(z.object({ begin_at: clockTime, end_at: clockTime }))),
});

export const output = z
    .object({
        obs: z.object({ bucket: z.string().min(1), path: z.string(), data_category: categories }).optional(),
        dis: z
            .object({
                stream_name: z.string().regex(/^[-A-Za-z0-9_]{1,64}$/, "must be 1 to 64 letters, digits, - or _"),
                data_category: categories,
            })
            .optional(),
        webhook: z
            .object({
                url: z.url({ protocol: /^https?$/ }),
                headers: z
                    .record(z.string(), z.string())
                    .refine((pairs) => Object.keys(pairs).length >= 1 && Object.keys(pairs).length <= 10, "1 to 10"),
                data_category: categories,
            })
            .optional(),
        event_center: z.boolean().optional(),
    })
    .refine(
        ({ obs, dis, webhook, event_center }) => obs || dis || webhook || event_center === true,
        "at least one sink is needed",
    );

const batchInput = z.object({
    video_source_group: z
        .array(
            z.object({
                video_source_group_id: z.string().min(1),
                video_source_list: z
                    .array(z.object({ video_source_id: z.string().min(1), target_roi: z.unknown().optional() }))
                    .min(1),
            }),
        )
        .min(1),
});
export type BatchInput = z.infer<typeof batchInput>;

const shared = {
    name: taskName,
    description: description.optional(),
    schedule: schedule.optional(),
    batch_input: batchInput,
    output,
    config: z.object({ common: z.record(z.string(), z.unknown()).optional() }).optional(),
    is_saved_as_template: z.boolean().optional(),
    resource_order_id: z
        .string()
        .regex(/^[a-z0-9-_]{4,36}$/, "must be 4 to 36 small letters, digits, - or _")
        .optional(),
};

const serviceVersion = z.string().regex(/^[a-z0-9.]{3,32}$/, "must be 3 to 32 small letters, digits or dots");

export const updateBatchBody = z.object(shared);
export const createBatchBody = z.object({ ...shared, service_name: taskName, service_version: serviceVersion });

const { name, resource_order_id, is_saved_as_template, config } = shared;
/** By the kind of input, which fields each of its data needs. The old kinds are discouraged, and taken all the same. */
const NEEDED_DATA = {
    video_source: ["video_source_id"],
    obs: ["bucket", "path"],
    url: ["url"],
    restful: ["url", "rtsp_path_in_response", "certificate_check"],
    edgecamera: ["id"],
    vcn: ["device_id"],
} as const;
const INPUT_TYPES = ["video_source", "obs", "url", "restful", "edgecamera", "vcn"] as const;

const inputData = z.looseObject({
    video_source_id: z.string().min(1).optional(),
    bucket: z.string().optional(),
    path: z.string().optional(),
    url: z.url().max(1000).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    rtsp_path_in_response: z.string().max(1024).optional(),
    certificate_check: z.boolean().optional(),
    device_id: z.string().optional(),
    stream_type: z.number().int().min(1).max(3).optional(),
    id: z.string().optional(),
});

const input = (most: number) =>
    z
        .object({ type: z.enum(INPUT_TYPES), data: z.array(inputData).min(1).max(most), vcn: z.unknown().optional() })
        .refine(
            ({ type, data }) => data.every((one) => NEEDED_DATA[type].every((field) => one[field] !== undefined)),
            "data lacks what its type needs",
        );

/** Tasks of their own: one for each of the data. */
export const createTaskBody = z.object({
    name,
    description: description.optional(),
    schedule: schedule.optional(),
    input: input(1000),
    output,
    config,
    service_version: serviceVersion,
    is_saved_as_template,
    resource_order_id,
});
/** One input only: a task has no more. */
export const updateTaskBody = z.object({
    name: name.optional(),
    description: description.optional(),
    schedule: schedule.optional(),
    input: input(1).optional(),
    output: output.optional(),
    config,
    is_saved_as_template,
    resource_order_id,
});

/** Where the addresses and passwords of inputs are. */
export const INPUT_SECRETS = ["input.data", "input.vcn"];
/** A webhook's headers carry credentials, and so may its address. */
export const OUTPUT_SECRETS = ["output.webhook.headers", "output.webhook.url"];
