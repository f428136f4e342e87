import type { JobSighting, Sighting, Submission } from "./api";
import type { Books } from "./books";
import { childOf } from "./on-abort";
import type { Session } from "./session";
import { type Claim, verdict } from "./verdict";

/** An abort without a reason makes an exception with a stack, and this one happens often. */
const OVER = "the wait is over";

/** Follows up what one run has submitted: waits for the jobs, and verifies what they say. */
export class FollowUp {
    /** The failure that a target showed before it was submitted, by its stamp: see verdict.ts. */
    readonly earlierFailure = new Map<string, string>();

    constructor(
        private readonly session: Session,
        private readonly books: Books,
        /** Aborts when the run is over. */
        private readonly signal: AbortSignal,
        /** Whose watches these are. */
        private readonly owner: object,
    ) {}

    /** From an accepted request to the outcome of each of its targets. */
    async awaitEnd(keys: readonly string[], accepted: Extract<Submission, { is: "accepted" }>): Promise<void> {
        const { job, failed } = accepted;
        const done = this.keepInHand(keys);
        try {
            if (job === undefined || this.session.api.look === undefined) {
                await this.verify(keys, { failed }, "later");
            } else {
                const refused = keys.filter((key) => failed.has(key));
                const rest = keys.filter((key) => !failed.has(key));
                await Promise.all([this.verify(refused, { failed }, "now"), this.awaitJobAndVerify(job, rest)]);
            }
        } finally {
            done();
        }
    }

    private async awaitJobAndVerify(job: string, keys: readonly string[]): Promise<void> {
        const end = await this.awaitJob(job, keys);
        const left = keys.filter((key) => this.books.open.has(key));
        if (end === undefined || end.is !== "ended") {
            await this.verify(left, { failed: new Map(), job: `job ${job} is not known any more` }, "now");
            return;
        }
        const { attested } = this.session;
        const claimed = left.filter((key) => end.attested.has(key));
        for (const key of claimed) {
            attested.add(key);
        }
        try {
            const problem = end.well || end.problem === undefined ? {} : { problem: end.problem };
            await this.verify(
                left,
                { failed: end.failed, job: `job ${job} ended with ${end.status}`, ...problem },
                "now",
            );
        } finally {
            for (const key of claimed) {
                attested.delete(key);
            }
        }
    }

    /** Until the job has ended, is lost, or, should it be stuck, until its targets are seen to be gone. */
    async awaitJob(id: string, keys: readonly string[], until = this.signal): Promise<JobSighting | undefined> {
        let end: JobSighting | undefined;
        const see = (sighting: JobSighting) => {
            this.noteJob(id, sighting, keys);
            if (sighting.is !== "running") {
                end = sighting;
            }
            return sighting.is !== "running";
        };
        const seeSettled = (key: string, sighting: Sighting) => {
            const told = this.books.saidOf(key);
            if (sighting.is === "reached") {
                this.books.reached(key);
            } else if (told !== undefined && (sighting.is === "present" || sighting.is === "impossible")) {
                this.books.failed(key, told);
            }
            return !this.books.open.has(key);
        };
        const { controller, dispose } = childOf(until);
        const { signal } = controller;
        const { owner } = this;
        const waits = [
            this.session.jobs.watch(id, see, { signal, owner }),
            this.session.doubts.watch(keys, seeSettled, { firstLook: "later", onTrouble: "wait", signal, owner }),
        ];
        try {
            await Promise.race(waits);
        } finally {
            dispose();
            controller.abort(OVER);
            await Promise.allSettled(waits);
        }
        return end;
    }

    private noteJob(id: string, sighting: JobSighting, keys: readonly string[]): void {
        if (this.books.jobs.seen(id, sighting)) {
            this.books.progress();
        }
        if (sighting.is === "running") {
            const { status, percent, failed } = sighting;
            for (const key of failed === undefined ? [] : keys) {
                const problem = failed?.get(key);
                if (problem !== undefined) {
                    this.books.toldOf(key, problem);
                }
            }
            this.books.emit({ is: "looked", job: id, status, ...(percent === undefined ? {} : { percent }) });
        } else {
            this.books.emit({ is: "jobEnded", job: id, status: sighting.is === "ended" ? sighting.status : "lost" });
        }
    }

    /** What a job says is a claim: inspection has to agree. */
    private async verify(keys: readonly string[], claim: Claim, firstLook: "now" | "later"): Promise<void> {
        const { clock, api, targets } = this.session;
        const since = clock.now();
        for (const key of keys) {
            const problem = claim.failed.get(key) ?? claim.problem;
            if (problem !== undefined) {
                this.books.toldOf(key, problem);
            }
        }
        const judge = (key: string, sighting: Sighting) => {
            const found = verdict(key, sighting, claim, {
                waited: clock.now() - since,
                settleWithin: api.settleWithin,
                earlierFailure: this.earlierFailure.get(key),
            });
            if (found.is === "reached") {
                this.books.reached(key);
            } else if (found.is === "failed") {
                this.books.failed(key, found.problem, sighting);
            } else if (found.is === "unknown") {
                this.books.unknown(key, found.problem);
            }
            return found.is !== "wait";
        };
        const { signal, owner } = this;
        await targets.watch(keys, judge, { firstLook, onTrouble: "wait", signal, owner });
    }

    /** Other runs of this process that want these keys wait until we are done with them. */
    keepInHand(keys: readonly string[]): () => void {
        const { inHand, otherRuns, clock } = this.session;
        const { promise, resolve } = Promise.withResolvers<void>();
        for (const key of keys) {
            inHand.set(key, promise);
        }
        return () => {
            const mine = keys.filter((key) => inHand.get(key) === promise);
            for (const key of mine) {
                inHand.delete(key);
            }
            otherRuns.letGo(mine, clock.now());
            resolve();
        };
    }
}
