import type { Problem, Sighting } from "./api";
import { Books } from "./books";
import { Branches } from "./branches";
import type { RunEvent } from "./events";
import { FollowUp } from "./follow-up";
import { VISITED_AT_ONCE } from "./in-slices";
import type { Part } from "./merger";
import { onAbort, untilAborted } from "./on-abort";
import type { RunReport } from "./outcome";
import { problemOf } from "./problem";
import { Schedule } from "./schedule";
import type { Answer, Session } from "./session";

/** Submits of one target in one run: beyond that it fails, for something undoes or ignores what is asked. */
const MOST_TRIES = 5;

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

interface Look {
    readonly sightings: Map<string, Sighting>;
    /** When it began. */
    readonly since: number;
}

class Run {
    private readonly books: Books;
    private readonly branches: Branches;
    private readonly followUp: FollowUp;
    private readonly schedule: Schedule;
    /** Requests that brought a target no further; most targets need one request, and are not here. */
    private readonly tries = new Map<string, number>();
    /** When the cloud first answered that a target's time has not come. */
    private readonly refusedSince = new Map<string, number>();
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
        this.followUp = new FollowUp(session, this.books, this.branches.signal);
        this.schedule = new Schedule(session.api.polling, options.random);
    }

    async execute(): Promise<RunReport> {
        const { signal } = this.options;
        const timeIsUp = () => this.stop(problemOf(signal.reason), true);
        if (signal.aborted) {
            timeIsUp();
        } else if (this.books.open.size > 0) {
            const forget = onAbort(signal, timeIsUp);
            const left = this.session.releases.attend();
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

    // --- inspect and plan ----------------------------------------------------------------------------------------

    private async begin(): Promise<void> {
        this.release = this.session.approach();
        try {
            const look = await this.look([...this.books.open], "fail");
            this.books.emit({ is: "found", targets: look.sightings.size });
            if (this.stopForMissing(look.sightings)) {
                return;
            }
            await this.session.clock.turn();
            await this.proceedInSlices(look);
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

    private async look(keys: readonly string[], onTrouble: "wait" | "fail"): Promise<Look> {
        const since = this.session.clock.now();
        const sightings = new Map<string, Sighting>();
        const see = (key: string, sighting: Sighting) => {
            sightings.set(key, sighting);
            return true;
        };
        await this.session.targets.watch(keys, see, { firstLook: "now", onTrouble, signal: this.branches.signal });
        return { sightings, since };
    }

    /** Very many leave the event loop to others in between. */
    private async proceedInSlices({ sightings, since }: Look): Promise<void> {
        const { clock } = this.session;
        let slice = new Map<string, Sighting>();
        for (const [key, sighting] of sightings) {
            if (slice.size === VISITED_AT_ONCE) {
                this.proceed({ sightings: slice, since });
                slice = new Map();
                await clock.turn();
            }
            slice.set(key, sighting);
        }
        this.proceed({ sightings: slice, since });
    }

    /** Decides for each target by what was just seen of it. */
    private proceed({ sightings, since }: Look): void {
        const ready: string[] = [];
        const joined: string[] = [];
        const held: string[] = [];
        const reasons = new Map<string, string[]>();
        for (const [key, sighting] of sightings) {
            switch (sighting.is) {
                case "reached":
                    this.books.reached(key);
                    break;
                case "impossible":
                    this.books.failed(key, sighting.problem);
                    break;
                case "inProgress":
                    joined.push(key);
                    break;
                case "notYet": {
                    const alike = reasons.get(sighting.reason) ?? [];
                    alike.push(key);
                    reasons.set(sighting.reason, alike);
                    held.push(key);
                    break;
                }
                case "present":
                    if (sighting.failure !== undefined) {
                        this.followUp.earlierFailure.set(key, sighting.failure.stamp);
                    }
                    ready.push(key);
                    break;
            }
        }
        this.submit(ready, since);
        for (const [reason, alike] of reasons) {
            this.books.emit({ is: "held", keys: alike, reason });
        }
        this.awaitChange(joined, "inProgress");
        this.awaitChange(held, "notYet");
    }

    /**
     * Somebody else's work is under way, or the time has not come. Goes on with each target as soon as it has left that
     * state; those that leave it together go on together.
     */
    private awaitChange(keys: readonly string[], state: "inProgress" | "notYet"): void {
        const since = this.session.clock.now();
        let changed = new Map<string, Sighting>();
        const goOn = async () => {
            await Promise.resolve();
            const together = changed;
            changed = new Map();
            this.proceed({ sightings: together, since });
        };
        const see = (key: string, sighting: Sighting) => {
            if (sighting.is === state) {
                return false;
            }
            this.books.progress();
            changed.set(key, sighting);
            if (changed.size === 1) {
                this.branches.begin(goOn);
            }
            return true;
        };
        if (keys.length > 0) {
            const { signal } = this.branches;
            this.branches.begin(() =>
                this.session.targets.watch(keys, see, { firstLook: "later", onTrouble: "wait", signal }),
            );
        }
    }

    // --- submit --------------------------------------------------------------------------------------------------

    private submit(keys: readonly string[], lookedSince: number): void {
        const { inHand, jobs, releases } = this.session;
        const free: string[] = [];
        const taken: string[] = [];
        for (const key of keys) {
            // Who has had it in hand since the look may have ended it.
            if (inHand.has(key) || jobs.workingOn(key) !== undefined || releases.since(key, lookedSince)) {
                taken.push(key);
            } else if ((this.tries.get(key) ?? 0) < MOST_TRIES) {
                free.push(key);
            } else {
                const message = `submitted ${MOST_TRIES} times, and still there`;
                this.books.failed(key, { code: "TooManyTries", message });
            }
        }
        this.awaitOthers(taken);
        if (free.length > 0) {
            const { signal } = this.branches;
            this.branches.begin(() => this.session.submits.ask(free, (part) => this.receive(part), signal));
        }
    }

    /** What was surely not done, and may be asked for again, does not count. */
    private countTry(keys: readonly string[]): void {
        for (const key of keys) {
            this.tries.set(key, (this.tries.get(key) ?? 0) + 1);
        }
    }

    /**
     * Another run of this process has these in hand, or has had, or left them with a job that goes on. When that is over we look:
     * its outcome is its own, ours is what we see.
     */
    private awaitOthers(keys: readonly string[]): void {
        const { inHand, jobs } = this.session;
        const waits = Map.groupBy(keys, (key) => inHand.get(key) ?? jobs.workingOn(key));
        for (const [other, shared] of waits) {
            this.branches.begin(async () => {
                if (typeof other === "string") {
                    this.books.worksOn(other, shared);
                    await this.followUp.awaitJob(other, shared);
                } else {
                    await untilAborted(other ?? Promise.resolve(), this.branches.signal);
                }
                this.proceed(await this.look(shared, "wait"));
            });
        }
    }

    private receive({ keys, result, first }: Part<Answer>): void {
        switch (result.is) {
            case "accepted":
            case "uncertain":
                if (!first) {
                    this.countTry(keys);
                    this.awaitOthers(keys);
                } else if (result.is === "accepted") {
                    this.books.tookOn(keys, result.job);
                    this.books.jobs.accepted(result);
                    this.branches.begin(() => this.followUp.awaitEnd(keys, result));
                } else {
                    this.countTry(keys);
                    this.books.tookOn(keys, undefined);
                    this.branches.begin(() => this.findOut(keys, result.problem));
                }
                break;
            case "busy":
                this.books.emit({ is: "busy", problem: result.problem, until: result.until });
                this.branches.begin(() => this.lookAgain(keys, result.until - this.session.clock.now()));
                break;
            case "notYet": {
                if (result.begun) {
                    this.books.prepared();
                }
                this.books.emit({ is: "held", keys, reason: result.reason });
                this.branches.begin(() => this.lookAgain(keys, this.schedule.gap(this.refusedFor(keys))));
                break;
            }
            case "refused":
                this.countTry(keys);
                this.branches.begin(() => this.explainRefusal(keys, result.problem));
                break;
        }
    }

    private async lookAgain(keys: readonly string[], after: number): Promise<void> {
        await this.session.clock.sleep(after, this.branches.signal);
        this.proceed(await this.look(keys, "wait"));
    }

    /** For how long the cloud has been answering that their time has not come. */
    private refusedFor(keys: readonly string[]): number {
        const now = this.session.clock.now();
        let since = now;
        for (const key of keys) {
            const begun = this.refusedSince.get(key) ?? now;
            this.refusedSince.set(key, begun);
            since = Math.min(since, begun);
        }
        return now - since;
    }

    /** Refused for good: unless it is gone anyway, or about to go, that is its outcome. */
    private async explainRefusal(keys: readonly string[], problem: Problem): Promise<void> {
        const look = await this.look(keys, "wait");
        for (const [key, sighting] of look.sightings) {
            if (sighting.is === "present" || sighting.is === "impossible") {
                this.books.failed(key, problem);
                look.sightings.delete(key);
            }
        }
        this.proceed(look);
    }

    /** Nobody knows whether it arrived: look, after a while, what it did; what shows no trace of it is submitted again. */
    private async findOut(keys: readonly string[], problem: Problem): Promise<void> {
        const done = this.followUp.keepInHand(keys);
        try {
            const tries = Math.max(...keys.map((key) => this.tries.get(key) ?? 1));
            await this.session.clock.sleep(this.schedule.gap(1000 * 4 ** tries), this.branches.signal);
            const look = await this.look(keys, "wait");
            for (const [key, sighting] of look.sightings) {
                if (sighting.is !== "present") {
                    continue;
                }
                const isNews =
                    sighting.failure !== undefined && sighting.failure.stamp !== this.followUp.earlierFailure.get(key);
                if (isNews || tries >= MOST_TRIES) {
                    this.books.failed(key, isNews ? sighting.failure : problem);
                    look.sightings.delete(key);
                }
            }
            done();
            // They were in hand from before the look until now: nobody else has had them since.
            this.proceed({ sightings: look.sightings, since: this.session.clock.now() });
        } finally {
            done();
        }
    }
}
