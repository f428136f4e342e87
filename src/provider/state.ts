import * as z from "zod";
import type { JobRecord, OutcomeKind, RunReport } from "../batch/outcome";
import type { Place } from "../cloud/call";
import { ID, REGION } from "../util/patterns";
import { Causes, failureCauseSchema, type RunCauses } from "./report/causes";
import type { Targets } from "./targets";

/** Of the outputs written by this release. A state lives longer than a release: see `readState`. */
export const SCHEMA_VERSION = 2;

const OPEN_SHOWN = 100;
const JOBS_SHOWN = 20;

/** Where a region or project came from: an environment variable, stack configuration … Schema 2. */
const sourceSchema = z.object({
    kind: z.enum(["argument", "environment", "configuration", "profile", "lookUp"]),
    name: z.string(),
});

/** Judged again when it is read: whoever can change a state must not be able to lead requests, and passwords, to another host. */
export const placeSchema = z.object({
    region: z.string().regex(REGION),
    projectId: z.string().regex(ID),
    profile: z.string().exactOptional(),
    regionFrom: sourceSchema.exactOptional(),
    projectFrom: sourceSchema.exactOptional(),
});

/** What a stack stores of a resource over a set of targets, beside the echo of its inputs. */
const storedStateSchema = z.object({
    place: placeSchema,
    counts: z.object({
        deleted: z.number(),
        alreadyGone: z.number(),
        done: z.number(),
        alreadyDone: z.number(),
        failed: z.number(),
        unknown: z.number(),
    }),
    remaining: z.number(),
    open: z.array(z.string()),
    /** The first of those that failed in a run that allowed it: left alone until the set or the goal changes. */
    allowedToFail: z.array(z.string()),
    failed: z.array(failureCauseSchema),
    failedMore: z.number(),
    jobs: z.array(
        z.object({
            id: z.string(),
            requestIds: z.array(z.string()),
            status: z.string(),
            begin: z.string().optional(),
            end: z.string().optional(),
        }),
    ),
    jobsMore: z.number(),
    /** The last look for what the rule matches failed after a run: the next update looks again. */
    lookPending: z.literal(true).exactOptional(),
    schemaVersion: z.literal(SCHEMA_VERSION),
});

export type StoredState = z.infer<typeof storedStateSchema>;
export type Counts = StoredState["counts"];

/** What 0.1 stored: each failed target with its own message. */
const storedStateV1Schema = storedStateSchema
    .omit({ allowedToFail: true })
    .extend({
        failed: z.array(
            z.object({ id: z.string(), kind: z.string().optional(), code: z.string(), message: z.string() }),
        ),
        schemaVersion: z.literal(1),
    })
    .transform(({ failed, failedMore, ...same }): StoredState => {
        const causes = new Causes();
        for (const { id, kind, code, message } of failed) {
            causes.add({ id, kind, problem: { code, message } });
        }
        const kept = causes.outputs();
        return {
            ...same,
            allowedToFail: [],
            failed: kept.failed,
            failedMore: failedMore + kept.failedMore,
            schemaVersion: SCHEMA_VERSION,
        };
    });

/** How each schema is read, by its number: all give what this release works with. */
export type Readers<T> = Readonly<Record<number, z.ZodType<T>>>;

/** Reads what this or an earlier release stored; refuses what a newer one stored, before anything is sent. */
export function readState<T>(outputs: Readonly<Record<string, unknown>>, readers: Readers<T>): T {
    const version = outputs.schemaVersion;
    if (typeof version === "number" && version > SCHEMA_VERSION) {
        throw new Error(
            `this state was written by a newer release of pulumi-huaweicloud-batch (schema ${version}, this release reads up to ${SCHEMA_VERSION}): ` +
                "nothing was sent. Install that release or a later one, then run the same command again",
        );
    }
    const reader = typeof version === "number" ? readers[version] : undefined;
    const parsed = reader?.safeParse(outputs);
    if (parsed?.success) {
        return parsed.data;
    }
    const issues = parsed?.error.issues ?? [{ path: ["schemaVersion"] }];
    const where = issues.map((issue) => issue.path.join(".")).slice(0, 5);
    throw new Error(
        `this resource's state can't be read (${where.join(", ")}): nothing was sent. ` +
            "Restore it from a backup, or drop the resource with `pulumi state delete`",
    );
}

export function readStoredState(outputs: Readonly<Record<string, unknown>>): StoredState {
    return readState<StoredState>(outputs, { 1: storedStateV1Schema, [SCHEMA_VERSION]: storedStateSchema });
}

const noCounts: Counts = { deleted: 0, alreadyGone: 0, done: 0, alreadyDone: 0, failed: 0, unknown: 0 };

/** Nothing done yet: the targets are recorded. */
export function recorded(place: Place, targets: Targets): StoredState {
    return {
        place: { ...place },
        counts: noCounts,
        ...stillOpen(targets.keys),
        allowedToFail: [],
        failed: [],
        failedMore: 0,
        jobs: [],
        jobsMore: 0,
        schemaVersion: SCHEMA_VERSION,
    };
}

/** After a run. `held`: what an earlier run was allowed to leave, and this one left alone; `good`: the run is a success with it. */
export function afterRun(
    place: Place,
    targets: Targets,
    report: RunReport,
    causes: RunCauses,
    { held, good }: { readonly held: readonly string[]; readonly good: boolean },
): StoredState {
    const counts = countsOf(report);
    const unsettled = counts.failed + counts.unknown + held.length;
    const isHeld = new Set(held);
    const isUnsettled = (key: string) => {
        const outcome = report.outcomes.get(key);
        return isHeld.has(key) || outcome?.is === "failed" || outcome?.is === "unknown";
    };
    const keys = firstOf(targets.keys, Math.min(unsettled, 2 * OPEN_SHOWN), isUnsettled);
    const allowedToFail = good ? keys.slice(0, OPEN_SHOWN) : [];
    return {
        place: { ...place },
        counts,
        remaining: unsettled - allowedToFail.length,
        open: keys.slice(allowedToFail.length, allowedToFail.length + OPEN_SHOWN),
        allowedToFail,
        ...causes.failed.outputs(),
        jobs: report.jobs.slice(0, JOBS_SHOWN).map(jobOutput),
        jobsMore: Math.max(0, report.jobs.length - JOBS_SHOWN),
        schemaVersion: SCHEMA_VERSION,
    };
}

/** `remaining` and the first of them, as outputs. */
export function stillOpen(keys: readonly string[]): Pick<StoredState, "remaining" | "open"> {
    return { remaining: keys.length, open: keys.slice(0, OPEN_SHOWN) };
}

export function countsOf(report: RunReport): Counts {
    const counts: Record<OutcomeKind, number> = { ...noCounts };
    // Not a loop over an iterator, which makes an object for each of what may be very many.
    report.outcomes.forEach(({ is }) => {
        counts[is] += 1;
    });
    return counts;
}

/** The first so many of which something is true: no walk over very many for nothing. */
function firstOf(keys: readonly string[], wanted: number, isTrue: (key: string) => boolean): string[] {
    const first: string[] = [];
    for (const key of wanted === 0 ? [] : keys) {
        if (isTrue(key) && first.push(key) === wanted) {
            break;
        }
    }
    return first;
}

function jobOutput({ id, requestIds, status, begin, end }: JobRecord): StoredState["jobs"][number] {
    return {
        id,
        requestIds: requestIds.slice(0, 5),
        status,
        ...(begin === undefined ? {} : { begin }),
        ...(end === undefined ? {} : { end }),
    };
}
