import { ApiFailure, type JobSighting, type Problem, type Sighting, type Submission } from "./api";
import type { RunEvent } from "./events";
import { JobLedger } from "./jobs";
import type { Part } from "./merger";
import type { Outcome, RunReport } from "./outcome";
import { Schedule } from "./schedule";
import type { Session } from "./session";

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
    return new Run(session, new Set(keys), options).execute();
}

class Run {
    private readonly outcomes = new Map<string, Outcome>();
    private readonly open: Set<string>;
    private readonly tries = new Map<string, number>();
    /** Submitted in this run, or perhaps. */
    private readonly mine = new Set<string>();
    /** The failure that a target showed before it was submitted: the same one seen again says nothing new. */
    private readonly earlierFailure = new Map<string, string>();
    private readonly jobOf = new Map<string, string>();
    private readonly jobs = new JobLedger();
    private readonly halt = new AbortController();
    private readonly finished = Promise.withResolvers<void>();
    private readonly schedule: Schedule;
    private branches = 0;
    private lastProgress: number;
    private stopped: Problem | undefined;
    private release: () => void = () => undefined;

    constructor(
        private readonly session: Session,
        private readonly keys: ReadonlySet<string>,
        private readonly options: RunOptions,
    ) {
        this.open = new Set(keys);
        this.schedule = new Schedule(session.api.polling, options.random);
        this.lastProgress = session.clock.now();
    }

    async execute(): Promise<RunReport> {
        if (this.keys.size > 0) {
            const stop = () => this.stop(problemOf(this.options.signal.reason));
            this.options.signal.addEventListener("abort", stop, { once: true });
            if (this.options.signal.aborted) {
                stop();
            } else {
                const stalls = this.watchForStall();
                this.branch(() => this.begin());
                await this.finished.promise;
                this.halt.abort();
                await stalls;
            }
            this.options.signal.removeEventListener("abort", stop);
        }
        this.closeBooks();
        return {
            outcomes: this.outcomes,
            jobs: this.jobs.records(),
            submitted: this.mine.size > 0,
            ...(this.stopped === undefined ? {} : { stopped: this.stopped }),
        };
    }

    // --- branches: a run is done when none is left ---------------------------------------------------------------

    private branch(work: () => Promise<void>): void {
        this.branches += 1;
        work()
            .catch((error: unknown) => {
                if (!this.halt.signal.aborted) {
                    this.stop(problemOf(error));
                }
            })
            .finally(() => {
                this.branches -= 1;
                if (this.branches === 0) {
                    this.finished.resolve();
                }
            });
    }

    private stop(problem: Problem): void {
        this.stopped ??= problem;
        this.halt.abort(problem);
        this.release();
    }

    private async watchForStall(): Promise<void> {
        const limit = this.options.stallTimeout;
        if (limit === undefined) {
            return;
        }
        try {
            for (;;) {
                const left = this.lastProgress + limit - this.session.clock.now();
                if (left <= 0) {
                    this.stop({
                        code: "Stalled",
                        message: `no target was settled and no job moved for ${Math.round(limit / 1000)} s`,
                    });
                    return;
                }
                await this.session.clock.sleep(left, this.halt.signal);
            }
        } catch {
            // The run ended first: only its own signal ends the sleep.
        }
    }

    // --- inspect and plan ----------------------------------------------------------------------------------------

    private async begin(): Promise<void> {
        this.release = this.session.approach();
        try {
            const sightings = await this.look([...this.keys], "fail");
            this.options.onEvent?.({ is: "found", targets: this.keys.size });
            if (!this.stopForMissing(sightings)) {
                this.proceed(sightings);
            }
        } finally {
            this.release();
        }
    }

    private stopForMissing(sightings: ReadonlyMap<string, Sighting>): boolean {
        const missing = [...(this.options.mustExist ?? [])].filter((key) => sightings.get(key)?.is === "reached");
        if (missing.length === 0) {
            return false;
        }
        const named = missing.slice(0, 20).join(", ");
        const more = missing.length > 20 ? ` and ${missing.length - 20} more` : "";
        this.stop({
            code: "TargetsMissing",
            message: `not found: ${named}${more}; nothing was submitted. Correct the ids, or set onMissing to "ignore" (a run that was killed may have removed them already)`,
        });
        return true;
    }

    private async look(keys: readonly string[], onTrouble: "wait" | "fail"): Promise<ReadonlyMap<string, Sighting>> {
        const sightings = new Map<string, Sighting>();
        const see = (key: string, sighting: Sighting) => {
            sightings.set(key, sighting);
            return true;
        };
        await this.session.targets.watch(keys, see, { firstLook: "now", onTrouble, signal: this.halt.signal });
        return sightings;
    }

    /** Decides for each target by what was just seen of it. */
    private proceed(sightings: ReadonlyMap<string, Sighting>): void {
        const ready: string[] = [];
        const joined: string[] = [];
        const held = new Map<string, string>();
        for (const [key, sighting] of sightings) {
            switch (sighting.is) {
                case "reached":
                    this.settle(key, this.success(key));
                    break;
                case "impossible":
                    this.settle(key, { is: "failed", problem: sighting.problem });
                    break;
                case "inProgress":
                    joined.push(key);
                    break;
                case "notYet":
                    held.set(key, sighting.reason);
                    break;
                case "present":
                    this.noteFailure(key, sighting);
                    ready.push(key);
                    break;
            }
        }
        this.submit(ready);
        if (joined.length > 0) {
            this.branch(() => this.join(joined));
        }
        if (held.size > 0) {
            this.branch(() => this.hold(held));
        }
    }

    private noteFailure(key: string, sighting: Extract<Sighting, { is: "present" }>): void {
        if (sighting.failure !== undefined) {
            this.earlierFailure.set(key, sighting.failure.stamp);
        }
    }

    /** Somebody else's work is under way: its end is awaited, and what is then still there is submitted. */
    private join(keys: readonly string[]): Promise<void> {
        return this.awaitChange(keys, "inProgress");
    }

    /** Not possible yet: submitted when it is. */
    private hold(reasons: ReadonlyMap<string, string>): Promise<void> {
        const keys = [...reasons.keys()];
        for (const reason of new Set(reasons.values())) {
            this.options.onEvent?.({ is: "held", keys: keys.filter((key) => reasons.get(key) === reason), reason });
        }
        return this.awaitChange(keys, "notYet");
    }

    /** Goes on with each target as soon as it has left that state; those that leave it together go on together. */
    private awaitChange(keys: readonly string[], state: Sighting["is"]): Promise<void> {
        const changed = new Map<string, Sighting>();
        const goOn = async () => {
            await Promise.resolve();
            const together = new Map(changed);
            changed.clear();
            this.proceed(together);
        };
        const see = (key: string, sighting: Sighting) => {
            if (sighting.is === state) {
                return false;
            }
            this.progress();
            changed.set(key, sighting);
            if (changed.size === 1) {
                this.branch(goOn);
            }
            return true;
        };
        return this.session.targets.watch(keys, see, {
            firstLook: "later",
            onTrouble: "wait",
            signal: this.halt.signal,
        });
    }

    // --- submit --------------------------------------------------------------------------------------------------

    private submit(keys: readonly string[]): void {
        const free: string[] = [];
        const inHand = new Map<Promise<void>, string[]>();
        for (const key of keys) {
            const other = this.session.inHand.get(key);
            if (other !== undefined) {
                inHand.set(other, [...(inHand.get(other) ?? []), key]);
            } else if (this.mayTry(key)) {
                free.push(key);
            }
        }
        for (const [settled, shared] of inHand) {
            this.branch(() => this.awaitOther(settled, shared));
        }
        if (free.length > 0) {
            this.branch(() => this.session.submits.ask(free, (part) => this.receive(part), this.halt.signal));
        }
    }

    private mayTry(key: string): boolean {
        const tries = (this.tries.get(key) ?? 0) + 1;
        this.tries.set(key, tries);
        if (tries <= MOST_TRIES) {
            return true;
        }
        this.settle(key, {
            is: "failed",
            problem: { code: "TooManyTries", message: `submitted ${MOST_TRIES} times, and still there` },
        });
        return false;
    }

    /** Another run of this process has it in hand: look when it is done with it. */
    private async awaitOther(settled: Promise<void>, keys: readonly string[]): Promise<void> {
        await untilAborted(settled, this.halt.signal);
        this.proceed(await this.look(keys, "wait"));
    }

    private receive(part: Part<Submission>): void {
        if (!part.first) {
            // Another run submitted these; its outcome is its own, ours is what we see in the end.
            const inHand = part.keys.map((key) => this.session.inHand.get(key) ?? Promise.resolve());
            this.branch(() =>
                this.awaitOther(
                    Promise.all(inHand).then(() => undefined),
                    part.keys,
                ),
            );
            return;
        }
        const { keys, result } = part;
        switch (result.is) {
            case "accepted":
                this.take(keys, result.job);
                this.jobs.accepted(result);
                this.branch(() => this.awaitEnd(keys, result));
                break;
            case "busy":
                this.forgetTry(keys);
                this.branch(async () => this.proceed(await this.look(keys, "wait")));
                break;
            case "notYet":
                this.branch(() => this.hold(new Map(keys.map((key) => [key, result.reason]))));
                break;
            case "refused":
                this.branch(() => this.explainRefusal(keys, result.problem));
                break;
            case "uncertain":
                this.take(keys, undefined);
                this.branch(() => this.findOut(keys, result.problem));
                break;
        }
    }

    /** Busy is nobody's failure: it does not count as a try. */
    private forgetTry(keys: readonly string[]): void {
        for (const key of keys) {
            this.tries.set(key, (this.tries.get(key) ?? 1) - 1);
        }
    }

    private take(keys: readonly string[], job: string | undefined): void {
        for (const key of keys) {
            this.mine.add(key);
            if (job !== undefined) {
                this.jobOf.set(key, job);
            }
        }
        this.progress();
        this.options.onEvent?.({ is: "submitted", keys, ...(job === undefined ? {} : { job }) });
    }

    /** Refused for good: unless it is gone anyway, that is its outcome. */
    private async explainRefusal(keys: readonly string[], problem: Problem): Promise<void> {
        const sightings = await this.look(keys, "wait");
        for (const [key, sighting] of sightings) {
            if (sighting.is === "reached") {
                this.settle(key, this.success(key));
            } else if (sighting.is === "inProgress" || sighting.is === "notYet") {
                this.proceed(new Map([[key, sighting]]));
            } else {
                this.settle(key, { is: "failed", problem });
            }
        }
    }

    /** Nobody knows whether it arrived: look, after a while, what it did; what shows no trace of it is submitted again. */
    private async findOut(keys: readonly string[], problem: Problem): Promise<void> {
        const done = this.keepInHand(keys);
        try {
            const tries = Math.max(...keys.map((key) => this.tries.get(key) ?? 1));
            await this.session.clock.sleep(this.schedule.gap(1000 * 4 ** tries), this.halt.signal);
            const sightings = await this.look(keys, "wait");
            const again = new Map<string, Sighting>();
            for (const [key, sighting] of sightings) {
                if (sighting.is === "present" && tries >= MOST_TRIES) {
                    this.settle(key, { is: "failed", problem });
                } else {
                    again.set(key, sighting);
                }
            }
            done();
            this.proceed(again);
        } finally {
            done();
        }
    }

    // --- wait and verify -----------------------------------------------------------------------------------------

    private async awaitEnd(keys: readonly string[], accepted: Extract<Submission, { is: "accepted" }>): Promise<void> {
        const done = this.keepInHand(keys);
        try {
            for (const [key, problem] of accepted.failed) {
                if (this.open.has(key) && keys.includes(key)) {
                    this.settle(key, { is: "failed", problem });
                }
            }
            const left = keys.filter((key) => this.open.has(key));
            const ended = accepted.job === undefined ? undefined : await this.awaitJob(accepted.job, left);
            await this.verify(left, ended);
        } finally {
            done();
        }
    }

    private async awaitJob(
        id: string,
        keys: readonly string[],
    ): Promise<Extract<JobSighting, { is: "ended" }> | undefined> {
        if (this.session.api.look === undefined || keys.length === 0) {
            return undefined;
        }
        let end: Extract<JobSighting, { is: "ended" }> | undefined;
        await this.session.watchJob(
            id,
            (sighting) => {
                if (this.jobs.seen(id, sighting)) {
                    this.progress();
                }
                if (sighting.is === "running") {
                    const { status, percent } = sighting;
                    this.options.onEvent?.({
                        is: "looked",
                        job: id,
                        status,
                        ...(percent === undefined ? {} : { percent }),
                    });
                    return false;
                }
                end = sighting.is === "ended" ? sighting : undefined;
                return true;
            },
            this.halt.signal,
        );
        return end;
    }

    /** What a job says is a claim: inspection has to agree. */
    private async verify(
        keys: readonly string[],
        ended: Extract<JobSighting, { is: "ended" }> | undefined,
    ): Promise<void> {
        const attested = keys.filter((key) => ended?.attested.has(key));
        for (const key of attested) {
            this.session.attested.add(key);
        }
        const since = this.session.clock.now();
        const sawEnd = ended !== undefined || this.session.api.look !== undefined;
        try {
            await this.session.targets.watch(keys, (key, sighting) => this.judge(key, sighting, ended, since), {
                // Where the targets' own states are the job, the first look belongs to the schedule.
                firstLook: sawEnd || this.session.api.polling.first === 0 ? "now" : "later",
                onTrouble: "wait",
                signal: this.halt.signal,
            });
        } finally {
            for (const key of attested) {
                this.session.attested.delete(key);
            }
        }
    }

    private judge(
        key: string,
        sighting: Sighting,
        ended: Extract<JobSighting, { is: "ended" }> | undefined,
        since: number,
    ): boolean {
        const job = this.jobOf.get(key);
        const fail = (problem: Problem) =>
            this.settle(key, { is: "failed", problem, ...(job === undefined ? {} : { job }) });
        if (sighting.is === "reached") {
            this.settle(key, this.success(key));
            return true;
        }
        const told = ended?.failed.get(key) ?? (ended?.well === false ? ended.problem : undefined);
        if (sighting.is === "inProgress") {
            // The job may have told of a failure before the state shows it; a state that still moves is waited for.
            return false;
        }
        if (told !== undefined) {
            fail(told);
            return true;
        }
        if (sighting.is === "impossible") {
            fail(sighting.problem);
            return true;
        }
        if (sighting.is === "present" && sighting.failure !== undefined) {
            if (sighting.failure.stamp !== this.earlierFailure.get(key)) {
                fail(sighting.failure);
                return true;
            }
        }
        if (this.session.clock.now() - since < this.session.api.settleWithin) {
            return false;
        }
        fail(
            sighting.is === "present" && sighting.failure !== undefined
                ? sighting.failure
                : {
                      code: "StillThere",
                      message:
                          ended === undefined
                              ? "the request was accepted, but nothing happened to it"
                              : `job ${job} ended with ${ended.status}, but it is still there`,
                  },
        );
        return true;
    }

    // --- books ---------------------------------------------------------------------------------------------------

    /** Other runs of this process that want these keys wait until we are done with them. */
    private keepInHand(keys: readonly string[]): () => void {
        const { promise, resolve } = Promise.withResolvers<void>();
        for (const key of keys) {
            this.session.inHand.set(key, promise);
        }
        return () => {
            for (const key of keys) {
                if (this.session.inHand.get(key) === promise) {
                    this.session.inHand.delete(key);
                }
            }
            resolve();
        };
    }

    private success(key: string): Outcome {
        const deletes = this.session.api.effect === "deletes";
        if (this.mine.has(key)) {
            return { is: deletes ? "deleted" : "done" };
        }
        return { is: deletes ? "alreadyGone" : "alreadyDone" };
    }

    private settle(key: string, outcome: Outcome): void {
        if (this.open.delete(key)) {
            this.outcomes.set(key, outcome);
            this.progress();
            this.options.onEvent?.({ is: "settled", key, outcome });
        }
    }

    private progress(): void {
        this.lastProgress = this.session.clock.now();
    }

    /** Whatever is still open when the run is over: failed if it was surely not submitted and the run was refused, else unknown. */
    private closeBooks(): void {
        const timeIsUp = this.options.signal.aborted || this.stopped?.code === "Stalled";
        const why = this.stopped ?? { code: "Unsettled", message: "the run ended before this target did" };
        const trouble = this.session.jobs.trouble ?? this.session.targets.trouble;
        const problem =
            timeIsUp && trouble !== undefined
                ? { ...why, message: `${why.message}; the last look failed: ${trouble.code} ${trouble.message}` }
                : why;
        for (const key of [...this.open]) {
            const job = this.jobOf.get(key);
            const surely = !timeIsUp && !this.mine.has(key);
            this.settle(key, {
                is: surely ? "failed" : "unknown",
                problem,
                ...(job === undefined ? {} : { job }),
            });
        }
    }
}

function problemOf(error: unknown): Problem {
    if (error instanceof ApiFailure) {
        return error.problem;
    }
    if (isProblem(error)) {
        return error;
    }
    return { code: "Unexpected", message: error instanceof Error ? error.message : String(error) };
}

function isProblem(value: unknown): value is Problem {
    return (
        typeof value === "object" &&
        value !== null &&
        "code" in value &&
        typeof value.code === "string" &&
        "message" in value &&
        typeof value.message === "string"
    );
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const leave = () => reject(signal.reason);
    if (signal.aborted) {
        leave();
    }
    signal.addEventListener("abort", leave, { once: true });
    try {
        await Promise.race([promise, aborted]);
    } finally {
        signal.removeEventListener("abort", leave);
    }
}
