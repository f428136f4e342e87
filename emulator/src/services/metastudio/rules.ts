import * as z from "zod";
import { Refusal } from "../../gateway/refusal";
import { seconds } from "../../world/duration";
import { Durations, Settings } from "../../world/settings";

export const SERVICE_NAME = "metastudio";

/** What the API's documentation leaves open. */
export const settings = new Settings(
    SERVICE_NAME,
    z.strictObject({
        /** Ids in one batch action, and in one call for summaries. No limit is documented. */
        maxIds: z.number().int().min(1).default(100),
        /** The same id twice in one call. */
        duplicateIds: z.enum(["refuse-call", "collapse"]).default("refuse-call"),
        /** Ids that do not exist: a group of failures, or the whole call is refused. */
        unknownIds: z.enum(["fail-each", "refuse-call"]).default("fail-each"),
        /** Ids that do not exist, in a call for summaries. */
        unknownSummaries: z.enum(["absent", "refuse-call"]).default("absent"),
        /** As the enumeration has it, or as the page's example prints it. */
        successSpelling: z.enum(["SUCCESS", "SUCESS"]).default("SUCCESS"),
        /** An action on an asset that is already as the action would make it. */
        alreadyDone: z.enum(["refuse", "accept"]).default("refuse"),
        /** Code of the refusal of an action that does not fit the asset's state. */
        stateConflictCode: z.string().default("MSS.10000003"),
        /** The state of an asset that came out of the recycle bin. */
        stateAfterRestore: z.enum(["UNACTIVED", "ACTIVED", "previous"]).default("UNACTIVED"),
        /** How long an asset stays in the recycle bin before it is deleted for good; null keeps it. */
        binRetentionSeconds: z.number().positive().nullable().default(604_800),
        /** How long the record of a DELETED asset can still be read; 0 removes it at once, null keeps it. */
        deletedRecordSeconds: z.number().min(0).nullable().default(300),
        /** Files are uploaded apart from these calls: an asset stays CREATING until an update says otherwise, or not. */
        upload: z.enum(["never-ends", "ends-by-itself"]).default("never-ends"),
        /** Whether the name of an asset must be unique. */
        uniqueNames: z.boolean().default(true),
        /** A missing or refused token: the page shows 400 MSS.00000001. */
        notAuthenticated: z.enum(["MSS.00000001", "gateway"]).default("MSS.00000001"),
        /** A wrong signature: the gateway's 401, or the same as for a token. */
        wrongSignature: z.enum(["gateway", "MSS.00000001"]).default("gateway"),
    }),
);

export const durations = new Durations(SERVICE_NAME, {
    /** From the creation of an asset until its main file is there, if `upload` says so. */
    upload: seconds(30),
});

/** Every refusal of the service is a 400. */
export const refuse = (code: string, message: string): Refusal => new Refusal(400, code, message);
export const invalid = (problem: string): Refusal => refuse("MSS.10000003", `Parameter validation failed: ${problem}`);
export const illegalQuery = (problem: string): Refusal => refuse("MSS.10001002", `Illegal URL parameter: ${problem}`);
export const assetNotFound = (id: string): Refusal => refuse("MSS.10001001", `Asset not found: ${id}`);
