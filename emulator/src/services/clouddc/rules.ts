import * as z from "zod";
import { Refusal } from "../../gateway/refusal";
import { seconds } from "../../world/duration";
import { Durations, Settings } from "../../world/settings";

export const SERVICE_NAME = "clouddc";

/** What the API's documentation leaves open. */
export const settings = new Settings(
    SERVICE_NAME,
    z.strictObject({
        /** `running` to `shutting-down` is not in the documented diagram, and no precondition is documented either. */
        deletingRunning: z.enum(["allow", "refuse"]).default("allow"),
        /** Deletion of `stopping` and `reinstalling`, which the diagram lacks too. */
        deletingInTransition: z.enum(["refuse", "allow"]).default("refuse"),
        /** An instance that is `shutting-down` already. */
        deletingAgain: z.enum(["refuse", "accept"]).default("refuse"),
        /** An instance that is listed as `terminated`. */
        deletingTerminated: z.enum(["not-found", "refuse", "accept"]).default("not-found"),
        /** Ids that do not exist, in a batch deletion. */
        unknownIds: z.enum(["refuse-call", "ignore"]).default("refuse-call"),
        /** The same id twice in one call. */
        duplicateIds: z.enum(["refuse-call", "collapse"]).default("refuse-call"),
        /** instance_id_set absent or empty; `everything` deletes all instances of the project. */
        emptySet: z.enum(["refuse", "nothing", "everything"]).default("refuse"),
        /** How long `terminated` instances are still listed; 0 removes them at once, null keeps them. */
        terminatedRetentionSeconds: z.number().min(0).nullable().default(300),
        /** Ids that do not exist, in the list's filters. */
        missingInList: z.enum(["absent", "not-found"]).default("absent"),
        /** next_marker of the last page. */
        lastMarker: z.enum(["null", "absent", "empty"]).default("null"),
        /** The state that a reinstalled instance shows. */
        stateWhileReinstalling: z.enum(["pending", "reinstalling"]).default("pending"),
        /** Code of the refusal of an instance in the wrong state. */
        stateConflictCode: z.string().default("iMetal.0201"),
        /** Requests of one identity in a window, over all operations; null does not limit. */
        requestsPerWindow: z.number().int().min(0).nullable().default(null),
        /** Length of the window of `requestsPerWindow`. */
        windowSeconds: z.number().positive().default(60),
        /** The documentation gives the body of a 429 as a bare string. */
        throttledBody: z.enum(["text", "json"]).default("text"),
        /** Whose 401 it is: the gateway's or the service's. */
        notAuthenticated: z.enum(["gateway", "iMetal.0003"]).default("gateway"),
    }),
);

export const durations = new Durations(SERVICE_NAME, {
    "create-instance": seconds(120),
    "reinstall-instance": seconds(120),
    "modify-ip": seconds(30),
    "delete-instance": seconds(60),
    "power-change": seconds(20),
});

export const invalid = (problem: string): Refusal =>
    problem.includes("received undefined")
        ? new Refusal(400, "iMetal.0002", `Missing required parameter. ${problem}`)
        : new Refusal(400, "iMetal.0001", `Invalid parameter value. ${problem}`);
export const instancesNotFound = (ids: readonly string[]): Refusal =>
    new Refusal(404, "iMetal.0200", `Instances not found: [${ids.join(", ")}]`);
export const serversNotFound = (ids: readonly string[]): Refusal =>
    new Refusal(404, "iMetal.0100", `Servers not found: [${ids.join(", ")}]`);
export const serversNotReady = (ids: readonly string[]): Refusal =>
    new Refusal(400, "iMetal.0101", `Servers not ready: [${ids.join(", ")}]`);
/** Of instances, as `id (state)`. */
export const inWrongState = (found: readonly { id: string; state: string }[], code: string): Refusal => {
    const states = found.map(({ id, state }) => `${id} (${state})`).join(", ");
    return new Refusal(400, code, `Instances in an invalid state: [${states}]`);
};
