import type { Problem, Sighting } from "./api";
import { Books } from "./books";
import { Branches } from "./branches";
import { Course } from "./course";
import type { RunEvent } from "./events";
import { onAbort } from "./on-abort";
import type { RunReport } from "./outcome";
import { problemOf } from "./problem";
import type { Session } from "./session";

export interface RunOptions {
    /** Aborts at the deadline, or when the run must stop for another reason; the reason is a `Problem`. */
    readonly signal: AbortSignal;
    /** No target settled and no job moved for so long: the run gives up. Milliseconds. */
    readonly stallTimeout?: number;
    /** Keys that must be there at the first look; if one is missing nothing is submitted at all. */
    readonly mustExist?: ReadonlySet<string>;
    readonly random: () => number;
    readonly onEvent?: (event: RunEvent) => void;
}

/** One pass over a set of targets: inspect, plan, submit, wait, verify. Never throws: what went wrong is in the report. */
export function run(session: Session, keys: Iterable<string>, options: RunOptions): Promise<RunReport> {
    return new Run(session, keys, options).execute();
}

class Run {
    private readonly books: Books;
    private readonly branches: Branches;
    private readonly course: Course;
    private stopped: { readonly problem: Problem; readonly timeIsUp: boolean } | undefined;
    private release: () => void = () => undefined;

    constructor(
        private readonly session: Session,
        keys: Iterable<string>,
        private readonly options: RunOptions,
    ) {
        const emit = options.onEvent ?? (() => undefined);
        this.books = new Books(keys, session.api.effect, session.clock, emit);
        this.branches = new Branches((error) => this.stop(problemOf(error), false));
        this.course = new Course(session, this.books, this.branches, options.random);
    }

    async execute(): Promise<RunReport> {
        const { signal } = this.options;
        const timeIsUp = () => this.stop(problemOf(signal.reason), true);
        if (signal.aborted) {
            timeIsUp();
        } else if (this.books.open.size > 0) {
            const forget = onAbort(signal, timeIsUp);
            const left = this.session.otherRuns.attend();
            const stall = this.watchForStall();
            this.branches.begin(() => this.begin());
            await this.branches.allEnded();
            left();
            forget();
            this.branches.stop(undefined);
            await stall;
        }
        await this.closeBooks();
        return this.books.report(this.stopped?.problem);
    }

    private stop(problem: Problem, timeIsUp: boolean): void {
        this.stopped ??= { problem, timeIsUp };
        this.branches.stop(problem);
        this.release();
    }

    private async watchForStall(): Promise<void> {
        const limit = this.options.stallTimeout;
        if (limit === undefined) {
            return;
        }
        const { clock } = this.session;
        const { signal } = this.branches;
        while (!signal.aborted) {
            const left = this.books.lastProgress + limit - clock.now();
            if (left <= 0) {
                const message = `no target was settled and no job moved for ${Math.round(limit / 1000)} s`;
                this.stop({ code: "Stalled", message }, true);
            } else {
                // Only the end of the run cuts it short.
                await clock.sleep(left, signal).catch(() => undefined);
            }
        }
    }

    private async closeBooks(): Promise<void> {
        const { problem, timeIsUp } = this.stopped ?? {
            problem: { code: "Unsettled", message: "the run ended before this target did" },
            timeIsUp: false,
        };
        const trouble = timeIsUp ? (this.session.jobs.trouble ?? this.session.targets.trouble) : undefined;
        const also = trouble === undefined ? "" : `; the last look failed: ${trouble.code} ${trouble.message}`;
        await this.books.close({ ...problem, message: problem.message + also }, timeIsUp);
    }

    private async begin(): Promise<void> {
        this.release = this.session.approach();
        try {
            const look = await this.course.look([...this.books.open], "fail");
            this.books.emit({ is: "found", targets: look.sightings.size });
            if (this.stopForMissing(look.sightings)) {
                return;
            }
            await this.session.clock.turn();
            await this.course.proceedInSlices(look);
        } finally {
            this.release();
        }
    }

    private stopForMissing(sightings: ReadonlyMap<string, Sighting>): boolean {
        const { mustExist = new Set<string>() } = this.options;
        const missing = [...mustExist].filter((key) => sightings.get(key)?.is === "reached");
        if (missing.length === 0) {
            return false;
        }
        for (const [key, sighting] of sightings) {
            if (sighting.is === "reached" && !mustExist.has(key)) {
                this.books.reached(key);
            }
        }
        const named = missing.slice(0, 20).join(", ");
        const more = missing.length > 20 ? ` and ${missing.length - 20} more` : "";
        const message = `not found: ${named}${more}; nothing was submitted. Correct the ids, or set onMissing to "ignore" (a run that was killed may have removed them already)`;
        this.stop({ code: "TargetsMissing", message }, false);
        return true;
    }
}
