import type { CustomResourceOptions, Output } from "@pulumi/pulumi";
import { RULE_INPUTS } from "../../provider/ownership/rule-text";
import type { When } from "./arguments";
import { type BatchArgs, BatchResource } from "./batch-resource";
import type { HoldingFacts } from "./holding-facts";
import type { FailureCause, JobOutput, OutcomeCounts, ResolvedPlace } from "./outputs";

/** Which arguments hold ids, and which are part of the place. */
export type TargetFacts = Pick<HoldingFacts, "ids"> & Partial<Pick<HoldingFacts, "placeInputs">>;

/** When a class acts: as its argument `when` says, or at create and at delete. The argument `destroyInput` names the action at delete. */
export type Moments = { readonly acts: "when" } | { readonly acts: "both"; readonly destroyInput: string };

/** A program in JavaScript may leave all arguments out: check then names what is missing. */
function isGiven(args: BatchArgs | undefined, input: string): boolean {
    return Object.entries(args ?? {}).some(([name, value]) => name === input && value !== undefined);
}

/** The outputs of every resource over a set of targets. Their size is bounded, whatever the number of targets. */
export abstract class TargetSetResource extends BatchResource {
    /** Resolved once, at create, and kept. */
    declare readonly place: Output<ResolvedPlace>;
    /** Counts of the last run; a refresh does not change them. */
    declare readonly counts: Output<OutcomeCounts>;
    /** How many targets still have to be acted on after the last run or refresh. Above 0, the next `up` goes on. */
    declare readonly remaining: Output<number>;
    /** The first 100 ids that are not settled. */
    declare readonly open: Output<string[]>;
    /** The first 100 ids that failed as `allowedFailures` allows. They are left alone until the set or the action changes, or it is lowered. */
    declare readonly allowedToFail: Output<string[]>;
    /** Why targets failed in the last run: each cause, with its count and first ids. */
    declare readonly failed: Output<FailureCause[]>;
    /** How many targets failed for other causes: 50 causes are kept. */
    declare readonly failedMore: Output<number>;
    /** The first 20 of the cloud's jobs. */
    declare readonly jobs: Output<JobOutput[]>;
    /** How many more jobs there were. */
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
                    // The state may have ids where the program now declares a rule, or the other way round.
                    ...Object.keys(targets.ids),
                    ...RULE_INPUTS,
                ],
                acts: moments.acts,
                insteadOfImport: "there is nothing to adopt: declare the ids, those already gone are counted as such",
                ...(moments.acts === "both" ? { retainingMatters: isGiven(args, moments.destroyInput) } : {}),
                holds: {
                    placeInputs: [],
                    byRule: true,
                    ...targets,
                    ...(moments.acts === "both"
                        ? {
                              decidedBy: [moments.destroyInput],
                              actsAtDestroy: (values) => values[moments.destroyInput] !== undefined,
                          }
                        : // An unknown `when` may be "destroy".
                          { decidedBy: ["when"], actsAtDestroy: ({ when }) => when !== "create" }),
                },
                // The new resource records what both declare before the old one is deleted.
                deleteBeforeReplace: false,
            },
            name,
            args,
            options,
        );
    }
}

/** The base of the deletions. */
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
