import * as z from "zod";
import type { BatchApi, SubmitReply, TargetState } from "../../batch/api";
import type { Call, CloudClient } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";
import { type ShownFacts, withFacts } from "../shared/facts";
import { failedSubmit } from "../shared/failures";
import { findByIds, unseenState } from "../shared/inspection";
import { readShown } from "../shared/whole-list";
import { imageServers, PERMISSION_CODES } from "./api";
import { jobPoller } from "./jobs";
import type { ImageServer } from "./types";

/** BatchDeleteImageServer: items [1, 20]. */
const PER_REQUEST = 20;

/** "Resource conflict (create image server / delete server)" and "operation conflict" (ErrorCode_0). */
const CONFLICT_CODES: ReadonlySet<string> = new Set(["WKS.00211103", "WKS.00010032"]);

export function imageServerDeletion(client: CloudClient, recursive: boolean, enterpriseProjectId?: string): BatchApi {
    /** By the list, which shows one enterprise project alone. */
    const shown = new Set<string>();
    const list = (signal: AbortSignal) =>
        imageServers(client, enterpriseProjectId === undefined ? {} : { enterpriseProjectId }, signal);
    return {
        name: "Workspace APP image servers",
        effect: "deletes",
        perRequest: PER_REQUEST,
        concurrentSubmits: 48,
        exclusive: false,
        polling: { first: 900, floor: 100, cap: 15_000 },
        settleWithin: 60_000,
        inspect: async (keys, { reportedDone, signal }) => {
            const { things, unseen } = await findByIds(keys, list(signal), { reportedDone, shown });
            return new Map(keys.map((key) => [key, unseenState(unseen, key) ?? state(things.get(key))]));
        },
        whole: {
            others: "unknown",
            callsFor: (targets) => targets,
            read: (_kind, most, signal) => readShown(list(signal), state, most),
        },
        submit: (keys, signal) => submit(client, recursive, keys, signal),
        poll: jobPoller(client),
    };
}

function state(server: ImageServer | undefined): TargetState {
    if (server === undefined) {
        return { is: "settled" };
    }
    const facts = withFacts(shownFacts(server));
    switch (server.status) {
        case "DELETING":
            return { is: "inProgress", ...facts };
        // "Instances that are being created or creating images are not supported" (BatchDeleteImageServer).
        case "CREATING":
        case "BUILDING":
            return { is: "blocked", reason: `the image server is ${server.status}`, ...facts };
        default:
            return { is: "ready", ...facts };
    }
}

export function shownFacts({ name, status, createTime }: ImageServer): ShownFacts {
    // "null" is one of the documented states.
    return { name, status: status === "null" ? undefined : status, created: createTime };
}

async function submit(
    client: CloudClient,
    recursive: boolean,
    keys: readonly string[],
    signal: AbortSignal,
): Promise<SubmitReply> {
    const call: Call<z.infer<typeof submitted>> = {
        operation: "BatchDeleteImageServer",
        method: "PATCH",
        path: ["v1", client.place.projectId, "image-servers", "actions", "batch-delete"],
        body: { items: keys, recursive },
        effect: "changes",
        targets: keys,
        answer: submitted,
    };
    try {
        const { body, requestId } = await client.send(call, signal);
        const job = body === "" ? undefined : body?.job_id;
        return {
            is: "accepted",
            failed: new Map(),
            ...(job ? { job } : {}),
            ...(requestId === undefined ? {} : { requestId }),
        };
    } catch (error) {
        // Of several targets, halving the request finds the one in conflict; a single one is waited for.
        if (
            error instanceof CloudError &&
            error.kind === "refused" &&
            CONFLICT_CODES.has(error.code) &&
            keys.length === 1
        ) {
            return { is: "blocked", reason: `${error.code}: ${error.detail}` };
        }
        return failedSubmit(error, keys, { permissionCodes: PERMISSION_CODES });
    }
}

/** The id becomes a path segment: an answer with any other id can't be read. */
const jobId = z.string().regex(/^[A-Za-z0-9_-]{0,128}$/);

/** The page says "the response is empty" and shows a job_id; ids that do not exist are ignored "with a normal response". */
const submitted = z.union([z.object({ job_id: jobId.nullish() }), z.literal(""), z.null(), z.undefined()]);
