import type { Random } from "../clock";
import type { Problem, Sighting } from "./api";
import type { Books } from "./books";
import type { Branches } from "./branches";
import { FollowUp } from "./follow-up";
import { VISITED_AT_ONCE } from "./in-slices";
import type { Part } from "./merger";
import { untilAborted } from "./on-abort";
import { Schedule } from "./schedule";
import type { Answer, Session } from "./session";

/** Submits of one target in one run: beyond that it fails, for something undoes or ignores what is asked. */
const MOST_TRIES = 5;

interface Look {
    readonly sightings: Map<string, Sighting>;
    /** When it began. */
    readonly since: number;
}

/** What one run does with each target: from what a look shows of it to the next step, and on to its outcome. */
export class Course {
    private readonly followUp: FollowUp;
    private readonly schedule: Schedule;
    /** Requests that brought a target no further; most targets need one request, and are not here. */
    private readonly tries = new Map<string, number>();
    /** When it first came out, at a submit, that a target's time has not come. */
    private readonly refusedSince = new Map<string, number>();

    constructor(
        private readonly session: Session,
        private readonly books: Books,
        private readonly branches: Branches,
        /**
         * Also aborts when the operation is cancelled: ends what would lead to a submit, and every wait for what this run has not
         * set going. What it has is followed up until the branches are stopped.
         */
        private readonly submitting: AbortSignal,
        random: Random,
    ) {
        this.followUp = new FollowUp(session, books, branches.signal, branches);
        this.schedule = new Schedule(session.api.polling, random);
    }

    /** Asked for and not answered yet: whose doing an absence is can't be told. */
    readonly asking = new Set<string>();

    get earlierFailure(): ReadonlyMap<string, string> {
        return this.followUp.earlierFailure;
    }

    async look(keys: readonly string[], onTrouble: "wait" | "fail", signal = this.submitting): Promise<Look> {
        const since = this.session.clock.now();
        const sightings = new Map<string, Sighting>();
        const see = (key: string, sighting: Sighting) => {
            sightings.set(key, sighting);
            return true;
        };
        await this.session.targets.watch(keys, see, { firstLook: "now", onTrouble, signal, owner: this.branches });
        return { sightings, since };
    }

    /** Very many leave the event loop to others in between. */
    async proceedInSlices({ sightings, since }: Look): Promise<void> {
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
                case "unseen":
                    this.books.unknown(key, sighting.problem);
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
            const watch = {
                firstLook: "later",
                onTrouble: "wait",
                signal: this.submitting,
                owner: this.branches,
            } as const;
            this.branches.begin(() => this.session.targets.watch(keys, see, watch));
        }
    }

    private submit(keys: readonly string[], lookedSince: number): void {
        const { inHand, jobs, otherRuns } = this.session;
        const free: string[] = [];
        const taken: string[] = [];
        for (const key of keys) {
            // Who has had it in hand since the look may have ended it.
            if (inHand.has(key) || jobs.workingOn(key) !== undefined || otherRuns.letGoSince(key, lookedSince)) {
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
            const { submitting } = this;
            for (const key of free) {
                this.asking.add(key);
            }
            this.branches.begin(() => this.session.submits.ask(free, (part) => this.receive(part), submitting));
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
                    await this.followUp.awaitJob(other, shared, this.submitting);
                } else {
                    await untilAborted(other ?? Promise.resolve(), this.submitting);
                }
                this.proceed(await this.look(shared, "wait"));
            });
        }
    }

    private receive({ keys, result, first }: Part<Answer>): void {
        for (const key of keys) {
            this.asking.delete(key);
        }
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
            case "overtaken":
                this.branches.begin(() => this.lookAgain(keys, this.schedule.gap(this.refusedFor(keys))));
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
        await this.session.clock.sleep(after, this.submitting);
        this.proceed(await this.look(keys, "wait"));
    }

    /** For how long their time has not come. */
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
        for (const key of keys) {
            this.books.toldOf(key, problem);
        }
        const look = await this.look(keys, "wait", this.branches.signal);
        for (const [key, sighting] of look.sightings) {
            if (sighting.is === "present" || sighting.is === "impossible" || sighting.is === "unseen") {
                this.books.failed(key, problem, sighting);
                look.sightings.delete(key);
            } else {
                this.books.forgetTold(key);
            }
        }
        this.proceed(look);
    }

    /** Nobody knows whether it arrived: look, after a while, what it did; what shows no trace of it is submitted again. */
    private async findOut(keys: readonly string[], problem: Problem): Promise<void> {
        const done = this.followUp.keepInHand(keys);
        try {
            const tries = Math.max(...keys.map((key) => this.tries.get(key) ?? 1));
            await this.session.clock.sleep(this.schedule.gap(1000 * 4 ** tries), this.submitting);
            const look = await this.look(keys, "wait");
            for (const [key, sighting] of look.sightings) {
                if (sighting.is !== "present") {
                    continue;
                }
                const isNews =
                    sighting.failure !== undefined && sighting.failure.stamp !== this.followUp.earlierFailure.get(key);
                if (isNews || tries >= MOST_TRIES) {
                    this.books.failed(key, isNews ? sighting.failure : problem, sighting);
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
