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

/** How a run handles its targets. A change of only these never calls the cloud. */
export interface RunArgs extends PlaceArgs {
    /**
     * Deadline of the whole hook, as Pulumi writes durations: "1h30m", "90s". Default "60m", at most "168h". Targets still open then are `unknown`.
     * This argument overrides the resource option `customTimeouts`. HUAWEICLOUD_BATCH_TIMEOUT overrides both at destroy.
     */
    timeout?: Input<string> | undefined;
    /** Ends the wait if no target was settled for this long: "15m". Default: off. */
    stallTimeout?: Input<string> | undefined;
    /**
     * The most targets that one run submits, a guard against a set that grew by mistake; what is beyond it fails with `MaxItems`. A longer
     * list of ids is refused before anything is sent. Default: no limit.
     */
    maxItems?: Input<number> | undefined;
    /**
     * How many targets may fail without failing the resource. Unknown targets always fail it. The first 100 failed targets are left alone
     * until the set or the action changes, or this number is lowered. The next `up` tries the others again. Default 0.
     */
    allowedFailures?: Input<number> | undefined;
    /**
     * What to do about targets that do not exist when their ids are first seen: they may be gone, or the region or project may be wrong.
     *
     * - `"check"` (default): a resource that acts at destroy inspects its targets when it is created. If none exists, that is an error, and
     *   nothing is recorded; if some are missing, a warning names them. Missing ids that are added later, or a failed inspection, are only a
     *   warning. A resource that acts at once goes on, with a warning if none of its targets exists; so does a destroy.
     * - `"fail"`: a missing target, or a failed inspection, is an error when the id is first seen; nothing is done then. At destroy: as "check".
     * - `"ignore"`: neither errors nor warnings, and no request is sent for it.
     */
    onMissing?: Input<"ignore" | "check" | "fail"> | undefined;
}

/**
 * When a deletion acts. Required: a destructive action has no default.
 *
 * - `"create"`: the targets must be gone now. The next `up` deletes ids that are added, and targets that a refresh finds again.
 *   Deleting the resource touches nothing in the cloud.
 * - `"destroy"`: the targets live as long as the resource. Deleting it (`pulumi destroy`, or dropping it from the program) deletes those that
 *   still exist.
 */
export type When = "create" | "destroy";

export interface DeletionArgs extends RunArgs {
    /** When the targets are deleted: see {@link When}. */
    when: Input<When>;
}
