import { ApiFailure } from "../../batch/api";
import { problemText } from "../../batch/problem";
import { CloudError } from "../../cloud/errors";

/** What went wrong, in one line for people. */
export function errorText(error: unknown): string {
    if (error instanceof ApiFailure) {
        // Its own message is the cloud's alone: without the service, the operation, the code and the request id.
        return cloudErrorOf(error)?.message ?? problemText(error.problem);
    }
    if (error instanceof Error) {
        return error.message;
    }
    const { message } = Object(error);
    return typeof message === "string" ? message : String(error);
}

/** The failed call that an error is about, if it is about one. */
export function cloudErrorOf(error: unknown): CloudError | undefined {
    if (error instanceof CloudError) {
        return error;
    }
    return error instanceof ApiFailure && error.cause instanceof CloudError ? error.cause : undefined;
}
