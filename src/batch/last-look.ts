import type { JobSighting, Problem, Sighting } from "./api";
import type { Books } from "./books";
import { inSlices } from "./in-slices";
import { problemOf } from "./problem";
import type { Session } from "./session";
import { withoutStamp } from "./verdict";

export interface LastLook {
    /** Open targets of the run. */
    readonly keys: readonly string[];
    /** The failure that a target showed before it was submitted, by its stamp. */
    readonly earlierFailure: ReadonlyMap<string, string>;
    readonly signal: AbortSignal;
}

/**
 * Settles what one look at targets and jobs can settle, where there is no time to wait: what is gone, and what is seen, or said
 * by its job, to have failed. The rest stays open. Answers with what went wrong, if something did.
 */
export async function lookOnceMore(
    session: Session,
    books: Books,
    { keys, earlierFailure, signal }: LastLook,
): Promise<Problem | undefined> {
    const sightings = new Map<string, Sighting>();
    const see = (key: string, sighting: Sighting) => {
        sightings.set(key, sighting);
        return true;
    };
    const looks = await Promise.allSettled([
        session.targets.watch(keys, see, { firstLook: "now", onTrouble: "fail", signal }),
        hearJobs(session, books, new Set(keys), signal),
    ]);
    await inSlices(session.clock, sightings, ([key, sighting]) => judge(books, key, sighting, earlierFailure));
    const failed = signal.aborted ? undefined : looks.find((look) => look.status === "rejected");
    return failed === undefined ? undefined : problemOf(failed.reason);
}

function judge(books: Books, key: string, sighting: Sighting, earlierFailure: ReadonlyMap<string, string>): void {
    const told = books.saidOf(key);
    if (sighting.is === "reached") {
        books.reached(key);
    } else if (sighting.is === "inProgress") {
        // A job may be wrong about a target whose state still moves: nobody knows its end.
        books.forgetTold(key);
    } else if (told !== undefined) {
        books.failed(key, told);
    } else if (sighting.is === "impossible") {
        books.failed(key, sighting.problem);
    } else if (sighting.is === "present" && sighting.failure !== undefined && books.isUnderWay(key)) {
        if (sighting.failure.stamp !== earlierFailure.get(key)) {
            books.failed(key, withoutStamp(sighting.failure));
        }
    }
}

/** What the jobs of these targets say failed is noted with the targets. */
async function hearJobs(
    session: Session,
    books: Books,
    wanted: ReadonlySet<string>,
    signal: AbortSignal,
): Promise<void> {
    const byJob = [...books.openByJob()].filter(
        ([job, keys]) => session.jobs.isUnfinished(job) && keys.some((key) => wanted.has(key)),
    );
    if (byJob.length === 0) {
        return;
    }
    const ids = byJob.map(([job]) => job);
    const shown = await session.jobs.lookInDetail(ids, signal);
    for (const [job, keys] of byJob) {
        const sighting = shown.get(job);
        if (sighting !== undefined) {
            note(books, keys, sighting);
        }
    }
}

function note(books: Books, keys: readonly string[], sighting: JobSighting): void {
    if (sighting.is === "lost") {
        return;
    }
    const general = sighting.is === "ended" && !sighting.well ? sighting.problem : undefined;
    for (const key of keys) {
        const problem = sighting.failed?.get(key) ?? general;
        if (problem !== undefined) {
            books.toldOf(key, problem);
        }
    }
}
