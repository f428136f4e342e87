import type { Input } from "@pulumi/pulumi";

/** Where the targets live, and who acts there. */
export interface PlaceArgs {
    /** "cn-north-4". Default: the environment (HW_REGION_NAME …), stack configuration, the profile. Another region replaces the resource. */
    region?: Input<string> | undefined;
    /** Default: environment, stack configuration, profile, or the project that bears the region's name. Another project replaces the resource. */
    projectId?: Input<string> | undefined;
    /** Name of a KooCLI profile in ~/.hcloud/config.json, then the only source of credentials. Never a secret. */
    profile?: Input<string> | undefined;
}

/** How a run goes about its targets. A change of these alone never calls the cloud. */
export interface RunArgs extends PlaceArgs {
    /**
     * Deadline of the whole hook, as Pulumi writes durations: "1h30m", "90s". Default "60m", at most "168h". Targets still open then are `unknown`.
     * The resource option `customTimeouts` is an other way to say it; this argument wins. HUAWEICLOUD_BATCH_TIMEOUT overrides it at destroy.
     */
    timeout?: Input<string> | undefined;
    /** Ends the wait when no target was settled for so long: "15m". Default: off. */
    stallTimeout?: Input<string> | undefined;
    /** More targets than this are refused before anything is done: a guard against a list that grew by mistake. Default: no limit. */
    maxItems?: Input<number> | undefined;
    /**
     * So many targets may fail without failing the resource; unknown ones never may. The first 100 of them are left alone until the set or
     * what is done to it changes, or less is allowed; those beyond are tried again by the next `up`. Default 0.
     */
    allowedFailures?: Input<number> | undefined;
    /**
     * What it means that targets are not there when their ids are first seen: gone, or looked for in the wrong place.
     *
     * - `"check"` (default): what only acts when it is destroyed is looked for when it is made: if none of the ids is there that is an error, and
     *   nothing is recorded; if some are not, a warning names them. Added later, and where the look itself fails: a warning. What acts at once goes on,
     *   with a warning if none of the ids is there; so does a destroy.
     * - `"fail"`: any id that is not there when it is first seen is an error, and so is a look that fails; nothing is done then. At destroy: as "check".
     * - `"ignore"`: none of these, and nothing is sent for it.
     */
    onMissing?: Input<"ignore" | "check" | "fail"> | undefined;
}

/**
 * When a deletion acts; to be said, for there is no default on a destructive act.
 *
 * - `"create"`: the targets must be gone now. Ids that are added are deleted by the next `up`, and so are targets that a refresh finds again.
 *   Deleting the resource touches nothing in the cloud.
 * - `"destroy"`: the targets live as long as the resource does. Deleting it (`pulumi destroy`, or dropped from the program) deletes those still there.
 */
export type When = "create" | "destroy";

export interface DeletionArgs extends RunArgs {
    /** When the targets are deleted: see {@link When}. */
    when: Input<When>;
}
