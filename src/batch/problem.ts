import { ApiFailure, NotSent, type Problem } from "./api";

/** The problem that an error, or the reason of an abort, stands for. */
export function problemOf(error: unknown): Problem {
    if (error instanceof ApiFailure || error instanceof NotSent) {
        return error.problem;
    }
    if (isProblem(error)) {
        return error;
    }
    return { code: "Unexpected", message: error instanceof Error ? error.message : String(error) };
}

function isProblem(value: unknown): value is Problem {
    return (
        typeof value === "object" &&
        value !== null &&
        "code" in value &&
        typeof value.code === "string" &&
        "message" in value &&
        typeof value.message === "string"
    );
}

const MESSAGE_SHOWN = 500;

/** A cloud may name hundreds of ids in one message; a state and a terminal have room for its beginning. */
export function shortened(message: string): string {
    return message.length > MESSAGE_SHOWN ? `${message.slice(0, MESSAGE_SHOWN)}…` : message;
}

/** `WKS.00211999: locked by a snapshot (request 4f…)` */
export function problemText({ code, message, requestId }: Problem): string {
    return `${code}: ${shortened(message)}${requestId === undefined ? "" : ` (request ${requestId})`}`;
}
