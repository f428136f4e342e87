import type { Seed } from "../../src/emulator";

/** What an object is in the middle of when a schedule begins, or what somebody else makes of it meanwhile. */
export type Condition = "idle" | "busy" | "deleting";

type Edits = Extract<NonNullable<Seed["faults"]>[number], { fault: "edit" }>["edits"];

export interface Lie {
    readonly name: string;
    readonly operation: string;
    readonly edits: Edits;
    /** A deletion in progress can't be seen through it: then a second submission is not the client's fault. */
    readonly hidesDeletion: boolean;
}

/** One batch API as the schedules know it: where its things are in the emulator, and how it can lie. */
export interface TortureService {
    /** As in the emulator. */
    readonly name: string;
    readonly kind: string;
    readonly resource: string;
    /** The input that holds the ids. */
    readonly input: string;
    /** Other inputs that the resource must have. */
    readonly properties: Readonly<Record<string, unknown>>;
    readonly id: (n: number) => string;
    /** What a seed says of an object in this condition; missing where the service has no such condition. */
    readonly seeds: Readonly<Partial<Record<Condition, object>>>;
    /** Whether a stored object is at the action's end though it is still stored. */
    readonly ended: (object: Readonly<Record<string, unknown>>) => boolean;
    readonly deleting: (object: Readonly<Record<string, unknown>>) => boolean;
    /** The process that outcome faults spoil; missing where the API answers at once. */
    readonly process?: string;
    readonly submits: readonly string[];
    readonly reads: readonly string[];
    readonly lies: readonly Lie[];
    /** What the documentation leaves open: one of these is taken. */
    readonly settings: ReadonlyArray<Readonly<Record<string, unknown>>>;
    readonly duration?: string;
}

const lie = (operation: string, name: string, edits: Edits, hidesDeletion = false): Lie => ({
    name,
    operation,
    edits,
    hidesDeletion,
});

const workspaceapp: TortureService = {
    name: "workspaceapp",
    kind: "imageServers",
    resource: "workspaceapp:ImageServerBatchDeletion",
    input: "imageServerIds",
    properties: {},
    id: (n) => `5000000000000000${String(n).padStart(4, "0")}`,
    seeds: { idle: {}, busy: { status: "BUILDING" }, deleting: { status: "DELETING" } },
    ended: () => false,
    deleting: ({ status }) => status === "DELETING",
    process: "delete-image-server",
    submits: ["BatchDeleteImageServers"],
    reads: ["ListImageServers", "ShowImageServer", "ListImageJobs", "ShowImageJob"],
    duration: "delete-image-server",
    settings: [
        {},
        { busyServers: "fail-sub-job", deletingServers: "fail-sub-job" },
        { deletingServers: "ignore", jobIdWhenNothingToDo: "present" },
        { afterFailedDeletion: "ERROR", jobRetentionSeconds: 20 },
        { serverOrder: "shuffled", jobOrder: "shuffled" },
    ],
    lies: [
        lie("ShowImageJob", "job says SUCCESS", [{ do: "set", at: "/status", value: "SUCCESS" }]),
        lie("ShowImageJob", "job says FAILED", [{ do: "set", at: "/status", value: "FAILED" }]),
        lie("ShowImageJob", "job in unknown state", [{ do: "set", at: "/status", value: "FROBNICATED" }]),
        lie("ShowImageJob", "job back to WAITING", [{ do: "set", at: "/status", value: "WAITING" }]),
        lie("ShowImageJob", "result leaves one out", [{ do: "drop-first", at: "/sub_jobs" }]),
        lie("ShowImageJob", "result leaves all out", [{ do: "remove", at: "/sub_jobs" }]),
        lie("ShowImageJob", "result says FAILED", [
            { do: "set", at: "/status", value: "FAILED" },
            { do: "set", at: "/sub_jobs/*/status", value: "FAILED" },
        ]),
        lie("ShowImageJob", "result names a stranger", [
            { do: "append", at: "/sub_jobs", value: { job_resource_info: { resource_id: "stranger" }, status: "FAILED" } },
        ]),
        lie("ListImageJobs", "page skips a job", [{ do: "drop-first", at: "/items" }]),
        lie("ListImageJobs", "page repeats a job", [{ do: "repeat-first", at: "/items" }]),
        lie("ListImageJobs", "jobs say SUCCESS", [{ do: "set", at: "/items/*/status", value: "SUCCESS" }]),
        lie("ListImageServers", "page skips one", [{ do: "drop-first", at: "/items" }]),
        lie("ListImageServers", "page repeats one", [{ do: "repeat-first", at: "/items" }]),
        lie("ListImageServers", "page turned round", [{ do: "reverse", at: "/items" }]),
        lie("ListImageServers", "unknown states", [{ do: "set", at: "/items/*/status", value: "FROBNICATED" }], true),
        lie("ShowImageServer", "unknown state", [{ do: "set", at: "/status", value: "FROBNICATED" }], true),
        lie("BatchDeleteImageServers", "answer without a job", [{ do: "remove", at: "/job_id" }]),
        lie("BatchDeleteImageServers", "answer names a stranger", [{ do: "set", at: "/job_id", value: "stranger" }]),
    ],
};

/** A service more: its rows here, and nothing else. */
export const services: readonly TortureService[] = [workspaceapp];

export function serviceNamed(name: string): TortureService {
    const found = services.find((service) => service.name === name);
    if (found === undefined) {
        throw new Error(`no service ${name}`);
    }
    return found;
}
