import type { Call, Service } from "../call";
import { TransportFailure, type WireAnswer } from "../http/transport";
import type { CallFailures } from "./call-failures";

/** One request that was sent, for the debug log: no header, query, body or message of it. */
export interface SentRequest {
    /** "workspaceapp" */
    readonly service: string;
    readonly operation: string;
    /** Missing where it names none by their ids. */
    readonly targets?: readonly string[];
    /** Of its call, counted from 1. */
    readonly attempt: number;
    /** From its first byte to the answer. */
    readonly milliseconds: number;
    /** Missing where no answer came. */
    readonly status?: number;
    /** The cloud's code of a refusal, or ours where no answer came. */
    readonly code?: string;
    readonly requestId?: string;
}

/** One request on its way, and what came of it. */
export interface Sent {
    readonly credentials: Readonly<Record<string, string>>;
    readonly answer: WireAnswer | TransportFailure;
    readonly milliseconds: number;
}

/** What may be told of a request: of its headers, query and bodies nothing. */
export function sentRequest(
    { operation, targets }: Call<unknown>,
    { name }: Service,
    { credentials, answer, milliseconds }: Sent,
    attempt: number,
    failures: CallFailures,
): SentRequest {
    const request = {
        service: name,
        operation,
        ...(targets === undefined ? {} : { targets }),
        attempt,
        milliseconds,
    };
    if (answer instanceof TransportFailure) {
        return { ...request, code: answer.code };
    }
    const { status } = answer;
    // Of an answer of success too: another side may repeat a credential in the id of the request.
    const { code, requestId } = failures.redactedErrorBody(answer, credentials);
    return {
        ...request,
        status,
        ...(status < 300 ? {} : { code }),
        ...(requestId === undefined ? {} : { requestId }),
    };
}
