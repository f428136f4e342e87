import { ApiFailure, NotSent, type Problem } from "./api";

/** What a thrown thing, or the reason of an abort, says. */
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
