import * as z from "zod";
import type { JobRecord, Outcome, OutcomeKind, RunReport } from "../batch/outcome";
import type { Place } from "../cloud/call";
import { lazily } from "../lazily";
import type { Targets } from "./targets";

/** Of the outputs written by this release. A state lives longer than a release: see `readState`. */
export const SCHEMA_VERSION = 1;

const OPEN_SHOWN = 100;
const FAILED_SHOWN = 20;
const JOBS_SHOWN = 20;
const MESSAGE_SHOWN = 500;

/** Judged again when it is read: whoever can change a state must not be able to lead requests, and passwords, to another host. */
export const placeSchema = lazily(() =>
    z.object({
        region: z.string().regex(/^(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*$/),
        projectId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
        profile: z.string().exactOptional(),
    }),
);

/** What a stack stores of a resource over a set of targets, beside the echo of its inputs. */
const standingSchema = lazily(() =>
    z.object({
        place: placeSchema(),
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
        failed: z.array(
            z.object({ id: z.string(), kind: z.string().optional(), code: z.string(), message: z.string() }),
        ),
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
        schemaVersion: z.literal(SCHEMA_VERSION),
    }),
);

export type Standing = z.infer<ReturnType<typeof standingSchema>>;
export type Counts = Standing["counts"];

/** Reads what this or an earlier release stored; refuses what a newer one stored, before anything is sent. */
export function readState<T extends z.ZodType>(outputs: Readonly<Record<string, unknown>>, schema: T): z.infer<T> {
    const version = outputs.schemaVersion;
    if (typeof version === "number" && version > SCHEMA_VERSION) {
        throw new Error(
            `this state was written by a newer release of pulumi-huaweicloud-batch (schema ${version}, this release reads up to ${SCHEMA_VERSION}): ` +
                "nothing was sent. Install that release or a later one, then run the same command again",
        );
    }
    const parsed = schema.safeParse(outputs);
    if (!parsed.success) {
        const where = parsed.error.issues.map((issue) => issue.path.join(".")).slice(0, 5);
        throw new Error(
            `this resource's state can't be read (${where.join(", ")}): nothing was sent. ` +
                "Restore it from a backup, or drop the resource with `pulumi state delete`",
        );
    }
    return parsed.data;
}

export function readStanding(outputs: Readonly<Record<string, unknown>>): Standing {
    return readState(outputs, standingSchema());
}

const noCounts: Counts = { deleted: 0, alreadyGone: 0, done: 0, alreadyDone: 0, failed: 0, unknown: 0 };

/** Nothing done yet: the targets are recorded. */
export function recorded(place: Place, targets: Targets): Standing {
    return {
        place: { ...place },
        counts: noCounts,
        ...stillOpen(targets.keys),
        failed: [],
        failedMore: 0,
        jobs: [],
        jobsMore: 0,
        schemaVersion: SCHEMA_VERSION,
    };
}

/** After a run. */
export function afterRun(place: Place, targets: Targets, report: RunReport): Standing {
    const counts = countsOf(report);
    return {
        place: { ...place },
        counts,
        remaining: counts.failed + counts.unknown,
        open: firstOf(report, Math.min(OPEN_SHOWN, counts.failed + counts.unknown), ([key, { is }]) =>
            is === "failed" || is === "unknown" ? key : undefined,
        ),
        failed: firstOf(report, Math.min(FAILED_SHOWN, counts.failed), ([key, outcome]) =>
            outcome.is === "failed"
                ? { ...targets.named(key), code: outcome.problem.code, message: shortened(outcome.problem.message) }
                : undefined,
        ),
        failedMore: Math.max(0, counts.failed - FAILED_SHOWN),
        jobs: report.jobs.slice(0, JOBS_SHOWN).map(jobOutput),
        jobsMore: Math.max(0, report.jobs.length - JOBS_SHOWN),
        schemaVersion: SCHEMA_VERSION,
    };
}

/** `remaining` and the first of them, as outputs. */
export function stillOpen(keys: readonly string[]): Pick<Standing, "remaining" | "open"> {
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

/** The first of what is picked from the outcomes, which hold so many of it: no walk over very many for nothing. */
function firstOf<T>(
    { outcomes }: RunReport,
    wanted: number,
    pick: (entry: readonly [key: string, outcome: Outcome]) => T | undefined,
): T[] {
    const first: T[] = [];
    for (const entry of wanted === 0 ? [] : outcomes) {
        const picked = pick(entry);
        if (picked !== undefined && first.push(picked) === wanted) {
            break;
        }
    }
    return first;
}

function jobOutput({ id, requestIds, status, begin, end }: JobRecord): Standing["jobs"][number] {
    return {
        id,
        requestIds: requestIds.slice(0, 5),
        status,
        ...(begin === undefined ? {} : { begin }),
        ...(end === undefined ? {} : { end }),
    };
}

/** A cloud may name hundreds of ids in one message; a state and a terminal have room for its beginning. */
export function shortened(message: string): string {
    return message.length > MESSAGE_SHOWN ? `${message.slice(0, MESSAGE_SHOWN)}…` : message;
}
