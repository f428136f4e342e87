import { ApiFailure, NotSent, type SubmitReply } from "../../batch/api";
import type { Call, CloudClient } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";

/** How one service refuses requests. */
export interface RefusalFacts {
    /** Codes that mean "no permission", whatever their HTTP status. 403 always means that. */
    readonly permissionCodes?: readonly string[];
    /** The ids that a refusal names. */
    readonly culprits?: (error: CloudError) => readonly string[];
}

/** Sends a read. Throws ApiFailure, or the client's own error if the signal aborted the call. */
export async function read<T>(client: CloudClient, call: Call<T>, signal: AbortSignal): Promise<T> {
    try {
        return (await client.send(call, signal)).body;
    } catch (error) {
        throw apiFailure(error);
    }
}

/** Sends a read of one thing; undefined if the refusal says that it does not exist. */
export async function readIfThere<T>(
    client: CloudClient,
    call: Call<T>,
    saysThereIsNone: (refusal: CloudError) => boolean,
    signal: AbortSignal,
): Promise<T | undefined> {
    try {
        return (await client.send(call, signal)).body;
    } catch (error) {
        if (error instanceof CloudError && error.kind === "refused" && saysThereIsNone(error)) {
            return undefined;
        }
        throw apiFailure(error);
    }
}

/** Whether it is a 404 with a code of the service. A 404 of the gateway or without a code is about the URL, not about the thing. */
export function saysNotFound(refusal: CloudError): boolean {
    return refusal.status === 404 && /^[A-Za-z]+\.\d+$/.test(refusal.code) && !/^(APIGW|HTTP)\./.test(refusal.code);
}

/**
 * What the failure of a submit means for these targets. Throws ApiFailure or NotSent if it is not about the targets. Rethrows an error
 * that is no CloudError.
 */
export function failedSubmit(error: unknown, keys: readonly string[], facts: RefusalFacts = {}): SubmitReply {
    if (!(error instanceof CloudError)) {
        throw error;
    }
    const { problem } = error;
    switch (error.kind) {
        case "refused": {
            if (isAboutTheCaller(error, facts)) {
                throw apiFailure(error);
            }
            const culprits = named(facts.culprits?.(error) ?? [], keys);
            const splits = keys.length > 1 && SPLITTING.has(error.status ?? 0);
            return { is: "refused", problem, splits, ...(culprits.length === 0 ? {} : { culprits }) };
        }
        case "busy":
            return {
                is: "busy",
                problem,
                ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
            };
        case "uncertain":
            return { is: "uncertain", problem };
        case "unauthenticated":
        case "configuration":
        case "throttled":
        case "unreachable":
        case "unusable":
            throw apiFailure(error);
        case "aborted":
            // "aborted" means that a change was not sent: the client waits for one that is on its way.
            throw new NotSent(problem, { cause: error });
    }
}

/** Statuses that a few of the targets, or the request's size, may cause. */
const SPLITTING: ReadonlySet<number> = new Set([400, 404, 409, 410, 412, 413, 414, 422]);

/** Codes of the gateway (api-sign-errorcode), which are never about a target: the API or the region is unknown to it. */
const GATEWAY_CODE = /^APIGW\./;

function isAboutTheCaller(error: CloudError, facts: RefusalFacts): boolean {
    if (error.status === 413 || error.status === 414) {
        return false;
    }
    return (
        error.status === 403 ||
        error.status === 405 ||
        GATEWAY_CODE.test(error.code) ||
        (facts.permissionCodes?.includes(error.code) ?? false)
    );
}

/** Keeps only ids that were sent: a message may name any text. */
function named(candidates: readonly string[], keys: readonly string[]): readonly string[] {
    const sent = new Set(keys);
    return [...new Set(candidates)].filter((key) => sent.has(key));
}

/** Failures that do not depend on what is asked. */
const GENERAL: ReadonlySet<CloudError["kind"]> = new Set([
    "unauthenticated",
    "configuration",
    "throttled",
    "unreachable",
]);

/** What to throw for a call that failed as a whole: an ApiFailure, or the error itself if the signal aborted the call. */
export function apiFailure(error: unknown): unknown {
    if (!(error instanceof CloudError)) {
        return error;
    }
    if (error.kind === "aborted") {
        return error;
    }
    const unreachable = error.kind === "unreachable";
    const general = GENERAL.has(error.kind);
    return new ApiFailure(error.problem, !error.passing, { cause: error, general, unreachable });
}
