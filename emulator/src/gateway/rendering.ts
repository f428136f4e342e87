import type { ErrorShape } from "../service";
import { edited } from "./edit";
import { EmulatedNetworkFault, type Fault } from "./faults";
import { Refusal } from "./refusal";
import type { RouteReply } from "./route";

/** An answer as it goes out. */
export interface Rendered {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly text: string;
    readonly errorCode: string | undefined;
}

/** The gateway's own error body, used for its refusals and where no service is known. */
function errorBody(refusal: Refusal, requestId: string, errors: ErrorShape | undefined): unknown {
    return refusal.from === "gateway" || errors === undefined
        ? { error_msg: refusal.message, error_code: refusal.code, request_id: requestId }
        : errors.body(refusal, requestId);
}

/** What goes out after a fault has had its way. Throws EmulatedNetworkFault if nothing does. */
export function rendered(
    outcome: RouteReply | Refusal,
    requestId: string,
    errors: ErrorShape | undefined,
    fault: Fault | undefined,
): Rendered {
    if (fault?.fault === "reset") {
        throw new EmulatedNetworkFault(`reset-${fault.when}`);
    }
    if (fault?.fault === "hang") {
        throw new EmulatedNetworkFault(`hang-${fault.when}`);
    }
    if (fault?.fault === "respond") {
        return replacement(fault, requestId, errors);
    }
    const refusal = outcome instanceof Refusal ? outcome : undefined;
    const body = outcome instanceof Refusal ? errorBody(outcome, requestId, errors) : outcome.body;
    const shown = fault?.fault === "edit" && body !== undefined ? edited(body, fault.edits) : body;
    const text = written(shown, outcome.headers);
    const headers = {
        "X-Request-Id": requestId,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...outcome.headers,
    };
    if (fault?.fault === "truncate") {
        const partialBody = text.slice(0, Math.floor(text.length / 2));
        const promisedBytes = Buffer.byteLength(text);
        throw new EmulatedNetworkFault("truncated", { status: outcome.status, headers, partialBody, promisedBytes });
    }
    return { status: outcome.status, headers, text, errorCode: refusal?.code };
}

/** JSON, unless the headers say that it is plain text. */
function written(body: unknown, headers: RouteReply["headers"]): string {
    if (body === undefined) {
        return "";
    }
    const isText = headers?.["Content-Type"]?.startsWith("text/plain") === true;
    return isText && typeof body === "string" ? body : JSON.stringify(body);
}

function replacement(
    fault: Extract<Fault, { fault: "respond" }>,
    requestId: string,
    errors: ErrorShape | undefined,
): Rendered {
    const { status, code = "APIGW.0202", message = "Backend unavailable" } = fault;
    const refusal = new Refusal(status, code, message, {}, fault.shape);
    const text = fault.body ?? JSON.stringify(errorBody(refusal, requestId, errors));
    const headers = { "X-Request-Id": requestId, "Content-Type": fault.contentType, ...fault.headers };
    return { status, headers, text, errorCode: fault.body === undefined ? code : undefined };
}
