import * as z from "zod";
import { durationSchema } from "../world/duration";
import {
    type ClockChange,
    type ObjectChange,
    type ObjectRemoval,
    type Seed,
    type Snapshot,
    settingsSchema,
    snapshotSchema,
} from "./schemas";

const requestSchema = z.object({
    requestId: z.string(),
    at: z.number(),
    wallAt: z.number(),
    method: z.string(),
    path: z.string(),
    query: z.string(),
    service: z.string().optional(),
    operation: z.string().optional(),
    project: z.string().optional(),
    identity: z.string().optional(),
    body: z.unknown().optional(),
    status: z.number().nullable(),
    errorCode: z.string().optional(),
    fault: z.string().optional(),
});
const submissionSchema = z.object({
    service: z.string(),
    operation: z.string(),
    requestId: z.string(),
    project: z.string(),
    at: z.number(),
    ids: z.array(z.string()),
    accepted: z.boolean(),
    job: z.string().nullable(),
});
const auditLogSchema = z.object({
    submissions: z.array(submissionSchema),
    doubleSubmissions: z.array(
        z.object({ service: z.string(), operation: z.string(), requestId: z.string(), id: z.string(), at: z.number() }),
    ),
    requests: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.number()))),
    tombstones: snapshotSchema.shape.tombstones,
});
const stateSchema = z.object({
    now: z.number(),
    speed: z.number(),
    paused: z.boolean(),
    settings: settingsSchema,
    durations: z.record(z.string(), z.record(z.string(), durationSchema)),
    faults: z.array(z.object({ fault: z.unknown(), struck: z.number() })),
    services: z.array(
        z.object({
            name: z.string(),
            kinds: z.array(z.string()),
            operations: z.array(z.object({ operation: z.string(), method: z.string(), path: z.string() })),
            processes: z.record(z.string(), z.string()),
        }),
    ),
});
const objectsSchema = z.array(z.object({ project: z.string(), object: z.record(z.string(), z.unknown()) }));

export type ReceivedByEmulator = z.infer<typeof requestSchema>;
export type EmulatorAuditLog = z.infer<typeof auditLogSchema>;
export type EmulatorState = z.infer<typeof stateSchema>;
export type EmulatorObjects = z.infer<typeof objectsSchema>;

/** The emulator's control, the same for a served emulator and for one in this process. Errors name what was wrong. */
export interface EmulatorControl {
    state(): Promise<EmulatorState>;
    /** Returns the ids of the seeded objects, one list for each entry of `objects`. */
    seed(seed: Seed): Promise<string[][]>;
    reset(): Promise<void>;
    clock(change: ClockChange): Promise<void>;
    clearFaults(): Promise<void>;
    objects(service: string, kind: string, project?: string): Promise<EmulatorObjects>;
    /** False if there is no such object. */
    change(change: ObjectChange): Promise<boolean>;
    remove(removal: ObjectRemoval): Promise<boolean>;
    requests(): Promise<ReceivedByEmulator[]>;
    clearRequests(): Promise<void>;
    auditLog(): Promise<EmulatorAuditLog>;
    snapshot(): Promise<Snapshot>;
    restore(snapshot: Snapshot): Promise<void>;
}

type Send = (request: Request) => Promise<Response>;

/** @example await controlClient("http://127.0.0.1:8080").clock({ do: "advance", ms: 60_000 }) */
export function controlClient(url: string, token?: string, send: Send = fetch): EmulatorControl {
    const call = async <T>(schema: z.ZodType<T>, path: string, body?: object): Promise<T> => {
        const headers = {
            "Content-Type": "application/json",
            ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        };
        const method = body === undefined ? "GET" : "POST";
        const request = new Request(new URL(`/_emulator${path}`, url), {
            method,
            headers,
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const response = await send(request);
        const answer: unknown = await response.json();
        if (response.ok) {
            return schema.parse(answer);
        }
        throw new Error(`emulator control ${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    };
    const nothing = async (path: string, body: object = {}): Promise<void> => {
        await call(z.object({}), path, body);
    };
    const segment = encodeURIComponent;
    return {
        state: () => call(stateSchema, "/state"),
        seed: async (seed) => (await call(z.object({ ids: z.array(z.array(z.string())) }), "/seed", seed)).ids,
        reset: () => nothing("/reset"),
        clock: (change) => nothing("/clock", change),
        clearFaults: () => nothing("/faults/clear"),
        objects: (service, kind, project) => {
            const query = project === undefined ? "" : `?project=${segment(project)}`;
            return call(objectsSchema, `/objects/${segment(service)}/${segment(kind)}${query}`);
        },
        change: async (change) => (await call(z.object({ changed: z.boolean() }), "/objects/change", change)).changed,
        remove: async (removal) => (await call(z.object({ removed: z.boolean() }), "/objects/remove", removal)).removed,
        requests: () => call(z.array(requestSchema), "/requests"),
        clearRequests: () => nothing("/requests/clear"),
        auditLog: () => call(auditLogSchema, "/audit-log"),
        snapshot: () => call(snapshotSchema, "/snapshot"),
        restore: (snapshot) => nothing("/snapshot", snapshot),
    };
}
