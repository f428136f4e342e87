import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import type { When } from "./arguments";
import { type BatchArgs, BatchResource } from "./batch-resource";
import type { HoldingFacts } from "./holding-facts";
import type { FailureCause, JobOutput, OutcomeCounts, ResolvedPlace } from "./outputs";

/** Which of its arguments hold ids, and which are part of the place. */
export type TargetFacts = Pick<HoldingFacts, "ids"> & Partial<Pick<HoldingFacts, "placeInputs">>;

/** When it acts: as its argument `when` says, or at create and at delete; the argument `destroyInput` says what is done at delete. */
export type Moments = { readonly acts: "when" } | { readonly acts: "both"; readonly destroyInput: string };

/** A program in JavaScript may leave all arguments out: check then says what is missing. */
function isGiven(args: BatchArgs | undefined, input: string): boolean {
    return Object.entries(args ?? {}).some(([name, value]) => name === input && value !== undefined);
}

/** What every resource over a set of targets tells of itself: small, whatever the number of targets. */
export abstract class TargetSetResource extends BatchResource {
    /** Resolved once, at create, and kept. */
    declare readonly place: Output<ResolvedPlace>;
    /** Of the last run; a refresh leaves them as they are. */
    declare readonly counts: Output<OutcomeCounts>;
    /** Targets that have still to be acted on, as the last run or refresh left them: above 0, the next `up` goes on. */
    declare readonly remaining: Output<number>;
    /** The first 100 ids that are not settled. */
    declare readonly open: Output<string[]>;
    /** The first 100 ids that failed as `allowedFailures` allows: left alone until the set or the goal changes, or less is allowed. */
    declare readonly allowedToFail: Output<string[]>;
    /** Why targets failed in the last run: each cause, with its count and first ids. */
    declare readonly failed: Output<FailureCause[]>;
    /** How many targets failed of other causes than those, of which 50 are kept. */
    declare readonly failedMore: Output<number>;
    /** The first 20 of the cloud's jobs. */
    declare readonly jobs: Output<JobOutput[]>;
    /** How many jobs there were beside those. */
    declare readonly jobsMore: Output<number>;
    declare readonly schemaVersion: Output<number>;

    declare readonly region: Output<string | undefined>;
    declare readonly projectId: Output<string | undefined>;
    declare readonly profile: Output<string | undefined>;
    declare readonly timeout: Output<string | undefined>;
    declare readonly stallTimeout: Output<string | undefined>;
    declare readonly maxItems: Output<number | undefined>;
    declare readonly allowedFailures: Output<number | undefined>;
    declare readonly onMissing: Output<"ignore" | "check" | "fail" | undefined>;

    protected constructor(
        namespace: string,
        resource: string,
        moments: Moments,
        targets: TargetFacts,
        name: string,
        args: BatchArgs,
        options?: CustomResourceOptions,
    ) {
        super(
            {
                namespace,
                resource,
                outputs: [
                    "place",
                    "counts",
                    "remaining",
                    "open",
                    "allowedToFail",
                    "failed",
                    "failedMore",
                    "jobs",
                    "jobsMore",
                    "schemaVersion",
                ],
                acts: moments.acts,
                insteadOfImport: "there is nothing to adopt: declare the ids, those already gone are counted as such",
                ...(moments.acts === "both" ? { retainingMatters: isGiven(args, moments.destroyInput) } : {}),
                holds: {
                    placeInputs: [],
                    ...targets,
                    ...(moments.acts === "both"
                        ? {
                              decidedBy: [moments.destroyInput],
                              actsAtDestroy: (values) => values[moments.destroyInput] !== undefined,
                          }
                        : // What is not known yet may be "destroy".
                          { decidedBy: ["when"], actsAtDestroy: ({ when }) => when !== "create" }),
                },
                // The new one takes over what both declare before the old one is deleted.
                deleteBeforeReplace: false,
            },
            name,
            args,
            options,
        );
    }
}

/** A set of targets that is to be gone. */
export abstract class DeletionResource extends TargetSetResource {
    declare readonly when: Output<When>;

    protected constructor(
        namespace: string,
        resource: string,
        targets: TargetFacts,
        name: string,
        args: BatchArgs,
        options?: CustomResourceOptions,
    ) {
        super(namespace, resource, { acts: "when" }, targets, name, args, options);
    }
}
