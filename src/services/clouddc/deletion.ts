import * as z from "zod";
import type { BatchApi, Problem, SubmitReply, TargetState, WholeReading } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import { clean } from "../../util/text";
import { type ShownFacts, withFacts } from "../shared/facts";
import { failedSubmit } from "../shared/failures";
import { forEachLimit } from "../shared/inspection";
import { unlessRefused } from "../shared/permission";
import {
    IDS_PER_LIST,
    type InstanceState,
    idsNamedIn,
    instancePages,
    NOT_FOUND,
    PERMISSION_CODES,
    readByIds,
    readStatus,
    STATUS_NEEDS,
} from "./api";
import type { Instance } from "./types";

/** DeleteInstances: "cannot contain more than 50 IDs". */
const PER_REQUEST = 50;
const CONCURRENT_READS = 48;

/** The deletion has no job (DeleteInstances): the instances' states show its progress. */
export function instanceDeletion(client: CloudClient): BatchApi {
    /** Ids that the list has shown. It is not documented whether policies or enterprise projects narrow the list. */
    const shown = new Set<string>();
    return {
        name: "CloudDC instances",
        effect: "deletes",
        perRequest: PER_REQUEST,
        concurrentSubmits: 48,
        exclusive: false,
        polling: { first: 2_000, floor: 1_000, cap: 15_000 },
        settleWithin: 60_000,
        inspect: async (keys, { signal }) => {
            const states = new Map<string, TargetState>();
            const unlisted: string[] = [];
            const chunks = Array.from({ length: Math.ceil(keys.length / IDS_PER_LIST) }, (_, i) =>
                keys.slice(i * IDS_PER_LIST, (i + 1) * IDS_PER_LIST),
            );
            await forEachLimit(chunks, CONCURRENT_READS, async (chunk) => {
                const listed = await readByIds(client, chunk, signal);
                for (const key of chunk) {
                    const instance = listed.get(key);
                    if (instance !== undefined) {
                        shown.add(key);
                        states.set(key, state(instance));
                    } else if (shown.has(key)) {
                        states.set(key, { is: "settled" });
                    } else {
                        unlisted.push(key);
                    }
                }
            });
            await forEachLimit(unlisted, CONCURRENT_READS, async (key) => {
                const read = await unlessRefused(STATUS_NEEDS, () => readStatus(client, key, signal));
                states.set(key, read.is === "refused" ? { is: "unseen", problem: read.problem } : state(read.value));
            });
            return states;
        },
        whole: {
            others: "unknown",
            callsFor: (targets) => Math.ceil(targets / IDS_PER_LIST),
            read: (_kind, most, signal) => readWhole(client, most, signal),
        },
        submit: (keys, signal) => submit(client, keys, signal),
    };
}

async function readWhole(client: CloudClient, most: number, signal: AbortSignal): Promise<WholeReading> {
    const states = new Map<string, TargetState>();
    let calls = 0;
    for await (const { instances, pages } of instancePages(client, {}, signal)) {
        calls += 1;
        for (const instance of instances) {
            states.set(instance.id, state(instance));
        }
        if (pages > Math.max(most, calls)) {
            return { is: "tooLong", calls: pages };
        }
    }
    return { is: "read", states };
}

/** States: ShowInstanceStatus and ListInstances. A request is sent even for states that the state diagram does not allow (`running`). */
function state(instance: InstanceState | undefined): TargetState {
    if (instance === undefined) {
        return { is: "settled" };
    }
    const { state, operationState, error } = instance;
    const facts = withFacts(instanceFacts(instance));
    if (state === "terminated") {
        return { is: "settled", shown: true, ...facts };
    }
    if (state === "shutting-down" || operationState === "uninstall-processing") {
        return { is: "inProgress", ...facts };
    }
    const deletionFailed =
        operationState === "uninstall-failed" || (state === "error" && error?.errorType === "delete_instance_error");
    if (!deletionFailed) {
        return { is: "ready", ...facts };
    }
    const problem: Problem = {
        code: clean(error?.errorCode || operationState || "delete_instance_error", 100),
        message: clean(error?.errorMsg || `the instance is in state ${state}, its operation in ${operationState}`),
    };
    const stamp = [instance.updatedAt ?? "", problem.code, problem.message].join(" ");
    return { is: "ready", ...facts, failure: { ...problem, stamp } };
}

export function instanceFacts({
    name,
    state,
    createdAt,
}: Pick<Instance, "state"> & Partial<Pick<Instance, "name" | "createdAt">>): ShownFacts {
    return { name, status: state, created: createdAt };
}

async function submit(client: CloudClient, keys: readonly string[], signal: AbortSignal): Promise<SubmitReply> {
    try {
        const { requestId } = await client.send(
            {
                operation: "DeleteInstances",
                method: "POST",
                path: ["v1", client.place.projectId, "instances", "batch-delete"],
                body: { instance_id_set: keys },
                contentType: "application/json;charset=UTF-8",
                effect: "changes",
                targets: keys,
                // The table and the example of the documentation disagree about the body. The status 202 is enough: the instances' states show the rest.
                answer: z.unknown(),
            },
            signal,
        );
        return { is: "accepted", failed: new Map(), ...(requestId === undefined ? {} : { requestId }) };
    } catch (error) {
        return failedSubmit(error, keys, {
            permissionCodes: PERMISSION_CODES,
            culprits: (refusal) => (refusal.code === NOT_FOUND ? idsNamedIn(refusal.detail, keys) : []),
        });
    }
}
