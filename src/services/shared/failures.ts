import { ApiFailure, NotSent, type SubmitReply } from "../../batch/api";
import type { Call, CloudClient } from "../../cloud/call";
import { CloudError } from "../../cloud/errors";

/** Facts of one service about its refusals. */
export interface RefusalFacts {
    /** Codes that mean "this identity may not", with whatever HTTP status the service uses for it. 403 always does. */
    readonly permissionCodes?: readonly string[];
    /** The targets that a refusal names. */
    readonly culprits?: (error: CloudError) => readonly string[];
}

/** Sends a read. Throws ApiFailure (or the client's error as it is, once the signal came first). */
export async function read<T>(client: CloudClient, call: Call<T>, signal: AbortSignal): Promise<T> {
    try {
        return (await client.send(call, signal)).body;
    } catch (error) {
        throw apiFailure(error);
    }
}

/** Sends a read of one thing; undefined where the refusal says that there is none. */
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

/** 404 with a code of a service itself: a gateway's 404 and one without a code speak of the address, not of the thing. */
export function saysNotFound(refusal: CloudError): boolean {
    return refusal.status === 404 && /^[A-Za-z]+\.\d+$/.test(refusal.code) && !/^(APIGW|HTTP)\./.test(refusal.code);
}

/**
 * What a submit's failure means for these targets. Throws ApiFailure or NotSent for what is not about them, and what is no
 * CloudError as it is.
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
            // Of a change it means so: one that is on its way is waited for.
            throw new NotSent(problem, { cause: error });
    }
}

/** Statuses that may be the fault of a few targets, or of the request's size. */
const SPLITTING: ReadonlySet<number> = new Set([400, 404, 409, 410, 412, 413, 414, 422]);

/** The gateway knows no such API or region here: no target can change that (api-sign-errorcode). */
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

/** Only ids that were sent: a message may name anything. */
function named(candidates: readonly string[], keys: readonly string[]): readonly string[] {
    const sent = new Set(keys);
    return [...new Set(candidates)].filter((key) => sent.has(key));
}

/** What to throw for a call that failed as a whole: ApiFailure, or the error as it is where the signal came first. */
export function apiFailure(error: unknown): unknown {
    if (!(error instanceof CloudError)) {
        return error;
    }
    return error.kind === "aborted" ? error : new ApiFailure(error.problem, !error.passing, { cause: error });
}
