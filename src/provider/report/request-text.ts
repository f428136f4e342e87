import type { SentRequest } from "../../cloud/cloud";

/** Whether the debug log is asked for. Other values than "debug" are refused before anything is sent. */
export function isDebugLog(env: { readonly HUAWEICLOUD_BATCH_LOG?: string | undefined }): boolean {
    return env.HUAWEICLOUD_BATCH_LOG === "debug";
}

/**
 * A request for the debug log: `workspaceapp BatchDeleteImageServer: 200 in 132 ms, attempt 1, request 4f…, targets 501, 502`.
 * "count": how many targets it names, where nobody knows which ids are secret.
 */
export function requestText(request: SentRequest, targets: "ids" | "count"): string {
    const { service, operation, status, code, milliseconds, attempt, requestId } = request;
    const answered = [status, code].filter((part) => part !== undefined).join(" ");
    const named = request.targets ?? [];
    return [
        `${service} ${operation}: ${answered} in ${milliseconds} ms`,
        `attempt ${attempt}`,
        ...(requestId === undefined ? [] : [`request ${requestId}`]),
        ...(named.length === 0
            ? []
            : [
                  targets === "ids"
                      ? `targets ${named.join(", ")}`
                      : `${named.length} target${named.length > 1 ? "s" : ""}`,
              ]),
    ].join(", ");
}
