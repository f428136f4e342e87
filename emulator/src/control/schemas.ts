import * as z from "zod";
import { faultSchema } from "../gateway/faults";
import { throttleSchema } from "../gateway/throttle";
import { durationSchema } from "../world/duration";
import { outcomeFaultSchema } from "../world/outcomes";

const place = {
    service: z.string(),
    kind: z.string(),
    /** A project id or a region's name; cn-north-4 if left out. */
    project: z.string().optional(),
};

/** Objects to add: each as little or as much as wanted, or so many alike (`{n}` in a string counts from 0). */
const seedObjects = z
    .strictObject({
        ...place,
        objects: z.array(z.record(z.string(), z.unknown())).optional(),
        count: z.number().int().min(1).max(1_000_000).optional(),
        template: z.record(z.string(), z.unknown()).optional(),
        /** How long ago they were made. Times that an object gives itself count more. */
        ageSeconds: z.number().min(0).optional(),
    })
    .refine(
        ({ objects, count, template }) => (objects === undefined) !== (count === undefined && template === undefined),
        "give either objects, or count and perhaps a template",
    )
    .refine(({ count, template }) => template === undefined || count !== undefined, "a template needs a count");
export type SeedObjects = z.infer<typeof seedObjects>;

/** By service: only what is named changes. "gateway" is a service here. */
export const settingsSchema = z.record(z.string(), z.record(z.string(), z.unknown()));
/** By service and name of the duration. */
export const durationsSchema = z.record(z.string(), z.record(z.string(), durationSchema));

export const seedSchema = z.strictObject({
    objects: z.array(seedObjects).optional(),
    settings: settingsSchema.optional(),
    durations: durationsSchema.optional(),
    throttles: z.array(throttleSchema).optional(),
    faults: z.array(faultSchema).optional(),
    outcomes: z.array(outcomeFaultSchema).optional(),
});
/** What a seed file and the control API's seed call hold. */
export type Seed = z.input<typeof seedSchema>;

export const clockSchema = z.discriminatedUnion("do", [
    z.strictObject({ do: z.literal("pause") }),
    z.strictObject({ do: z.literal("resume") }),
    z.strictObject({ do: z.literal("advance"), ms: z.number().min(0) }),
    z.strictObject({ do: z.literal("speed"), factor: z.number().positive() }),
]);
export type ClockChange = z.infer<typeof clockSchema>;

export const changeSchema = z.strictObject({
    ...place,
    id: z.string(),
    changes: z.record(z.string(), z.unknown()),
});
export const removeSchema = z.strictObject({ ...place, id: z.string() });
export type ObjectChange = z.infer<typeof changeSchema>;
export type ObjectRemoval = z.infer<typeof removeSchema>;

const eventSchema = z.object({
    at: z.number(),
    service: z.string(),
    event: z.string(),
    project: z.string(),
    subject: z.string(),
});
/** Objects, tombstones, settings and what is planned: enough to go on in another process. Tokens do not survive. */
export const snapshotSchema = z.object({
    objects: z.array(z.object({ service: z.string(), kind: z.string(), project: z.string(), object: z.unknown() })),
    agenda: z.array(eventSchema),
    tombstones: z.array(
        z.object({
            service: z.string(),
            kind: z.string(),
            project: z.string(),
            id: z.string(),
            at: z.number(),
            by: z.string(),
        }),
    ),
    settings: settingsSchema,
});
export type Snapshot = z.infer<typeof snapshotSchema>;
