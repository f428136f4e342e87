import {
    ApiFailure,
    type BatchApi,
    type Job,
    type JobState,
    type Problem,
    type SubmitReply,
    type TargetState,
} from "../../src/batch/api";
import type { Clock } from "../../src/util/clock";

/** What a request does to a target. */
export type Temper =
    | "willing"
    /** Its job says that it failed, by name or in general. */
    | "tough"
    /** A request that holds it is refused as a whole. */
    | "poison"
    /** Inspection says that it can't be done. */
    | "impossible"
    /** Its job says SUCCESS, and it stays. */
    | "immortal";

export type Start =
    | { readonly is: "there" }
    | { readonly is: "gone" }
    /** Somebody else's deletion, over at that time; `comesBack`: it fails, and the target is there again. */
    | { readonly is: "deleting"; readonly until: number; readonly comesBack: boolean }
    | { readonly is: "creating"; readonly until: number };

export type Call = "inspect" | "submit" | "poll";

/** What goes wrong with one call. */
export type Fault =
    /** Surely not done, and may pass. */
    | "passing"
    /** Asking again does not help. */
    | "final"
    /** Perhaps done, and it was not. */
    | "lostBefore"
    /** Perhaps done, and it was. */
    | "lostAfter"
    | "busy"
    /** A fault in the program, not a failure of the API. */
    | "bug";

export interface Rules {
    readonly perRequest: number;
    readonly concurrentSubmits: number;
    readonly exclusive: boolean;
    /** "named": a job, and it names what failed. "general": a job that does not. "nameless": accepted without a job. "none": no jobs at all. */
    readonly jobs: "named" | "general" | "nameless" | "none";
    /** Targets show that they are being deleted. */
    readonly showsDeleting: boolean;
    readonly namesCulprits: boolean;
    /** Milliseconds for one call; half goes by before it takes effect. */
    readonly latency: (call: Call) => number;
    /** Milliseconds. */
    readonly duration: (keys: readonly string[]) => number;
    readonly polling: BatchApi["polling"];
    readonly settleWithin: number;
    readonly fault: (call: Call, keys: readonly string[]) => Fault | undefined;
    /** A job says while it still runs what has failed, where it is polled in detail. */
    readonly tellsEarly: boolean;
    /** What the job with this number does, beside its work. */
    readonly job: (number: number) => "honest" | "vanishes" | "stuck" | "early" | "backwards";
}

export const honest: Rules = {
    perRequest: 20,
    concurrentSubmits: 4,
    exclusive: false,
    jobs: "named",
    showsDeleting: true,
    namesCulprits: false,
    latency: () => 200,
    duration: () => 8_000,
    polling: { first: 1_000, floor: 500, cap: 15_000 },
    settleWithin: 60_000,
    fault: () => undefined,
    tellsEarly: false,
    job: () => "honest",
};

interface Target {
    readonly temper: Temper;
    readonly start: Start;
    /** When the client's job deletes it, or is done with it. */
    ends: number | undefined;
    job: string | undefined;
    /** When it is gone. */
    goneAt: number | undefined;
}

interface ModelJob {
    readonly id: string;
    readonly keys: readonly string[];
    readonly began: number;
    readonly ends: number;
    readonly nature: ReturnType<Rules["job"]>;
    polls: number;
    /** A poll has shown, perhaps wrongly, that it has ended or that there is no such job. */
    saidToBeOver: boolean;
}

type SubmitFault = "busy" | "lostBefore" | "lostAfter";

function notDone(fault: SubmitFault | undefined): SubmitReply {
    return fault === "busy"
        ? { is: "busy", problem: says("Busy") }
        : { is: "uncertain", problem: says("ConnectionReset") };
}

const says = (code: string): Problem => ({ code, message: `the cloud says ${code}` });

/** A batch API of a cloud in virtual time, which keeps a log of its own. Nothing in it waits but its calls. */
export class ModelCloud implements BatchApi {
    readonly name = "model targets";
    readonly effect = "deletes";
    readonly submits: Array<{ readonly at: number; readonly keys: readonly string[]; readonly answer: string }> = [];
    readonly inspections: Array<{ readonly at: number; readonly keys: readonly string[] }> = [];
    readonly polls: Array<{ readonly at: number; readonly jobs: number }> = [];
    /** What the client did and may not do. */
    readonly offences: string[] = [];
    underWay = 0;
    private readonly targets = new Map<string, Target>();
    private readonly jobsById = new Map<string, ModelJob>();
    private began = 0;
    readonly poll?: NonNullable<BatchApi["poll"]>;

    constructor(
        private readonly clock: Clock,
        readonly rules: Rules = honest,
    ) {
        if (rules.jobs !== "none") {
            this.poll = (jobs, signal) => this.pollJobs(jobs, signal);
        }
    }

    get perRequest() {
        return this.rules.perRequest;
    }
    get concurrentSubmits() {
        return this.rules.concurrentSubmits;
    }
    get exclusive() {
        return this.rules.exclusive;
    }
    get polling() {
        return this.rules.polling;
    }
    get settleWithin() {
        return this.rules.settleWithin;
    }

    add(key: string, temper: Temper = "willing", start: Start = { is: "there" }): string {
        const goneAt = start.is === "gone" ? this.clock.now() : undefined;
        this.targets.set(key, { temper, start, ends: undefined, job: undefined, goneAt });
        return key;
    }

    addMany(count: number, prefix = "t"): string[] {
        return Array.from({ length: count }, (_, i) => this.add(`${prefix}${i}`));
    }

    /** Since when it has been gone; undefined: it is there. */
    goneSince(key: string): number | undefined {
        const target = this.target(key);
        const now = this.clock.now();
        if (target.goneAt !== undefined && target.goneAt <= now) {
            return target.goneAt;
        }
        const { start } = target;
        return start.is === "deleting" && !start.comesBack && start.until <= now ? start.until : undefined;
    }

    async inspect(
        keys: readonly string[],
        options: { signal: AbortSignal },
    ): Promise<ReadonlyMap<string, TargetState>> {
        this.inspections.push({ at: this.clock.now(), keys });
        return this.call("inspect", keys, options.signal, () => new Map(keys.map((key) => [key, this.state(key)])));
    }

    async submit(keys: readonly string[], signal: AbortSignal): Promise<SubmitReply> {
        this.check(keys);
        let answer = "none";
        try {
            const submission = await this.call<SubmitReply>("submit", keys, signal, (fault) => {
                if (fault === undefined) {
                    return this.decide(keys);
                }
                if (fault === "lostAfter") {
                    this.decide(keys, "unheard");
                }
                return notDone(fault);
            });
            answer = submission.is;
            return submission;
        } finally {
            this.submits.push({ at: this.clock.now(), keys, answer });
        }
    }

    private async pollJobs(jobs: readonly Job[], signal: AbortSignal): Promise<ReadonlyMap<string, JobState>> {
        this.polls.push({ at: this.clock.now(), jobs: jobs.length });
        const ids = jobs.map(({ id }) => id);
        return this.call("poll", ids, signal, () => new Map(jobs.map((job) => [job.id, this.jobState(job)])));
    }

    private async call<T>(
        call: Call,
        keys: readonly string[],
        signal: AbortSignal,
        effect: (fault?: SubmitFault) => T,
    ): Promise<T> {
        const half = this.rules.latency(call) / 2;
        const fault = this.rules.fault(call, keys);
        // As the client does it: a read under way is given up, a change is waited for.
        const givenUp = call === "submit" ? undefined : signal;
        this.underWay += 1;
        try {
            await this.clock.sleep(half, givenUp);
            if (fault === "passing" || fault === "final") {
                await this.clock.sleep(half, givenUp);
                throw new ApiFailure(says(fault === "final" ? "Forbidden" : "Unavailable"), fault === "final");
            }
            if (fault === "bug") {
                throw new TypeError("a fault in the program");
            }
            if (call !== "submit" && fault !== undefined) {
                throw new ApiFailure(says("Reset"), false);
            }
            const result = effect(fault);
            await this.clock.sleep(half, givenUp);
            return result;
        } finally {
            this.underWay -= 1;
        }
    }

    private check(keys: readonly string[]): void {
        const now = this.clock.now();
        if (keys.length === 0 || keys.length > this.rules.perRequest || new Set(keys).size !== keys.length) {
            this.offences.push(`a request of ${keys.length} targets`);
        }
        for (const key of keys) {
            const target = this.targets.get(key);
            if (target === undefined) {
                this.offences.push(`${key} was never declared`);
            } else if (this.state(key).is === "inProgress") {
                this.offences.push(`${key} was sent while it showed that it was in deletion`);
            } else if ((target.ends ?? 0) > now && this.jobsById.get(target.job ?? "")?.saidToBeOver === false) {
                this.offences.push(`${key} was sent while ${target.job} worked on it`);
            }
        }
    }

    private decide(keys: readonly string[], answer: "heard" | "unheard" = "heard"): SubmitReply {
        const now = this.clock.now();
        if (this.rules.exclusive && [...this.jobsById.values()].some((job) => job.ends > now)) {
            return { is: "busy", problem: says("OneJobAtATime") };
        }
        const creating = keys.filter((key) => this.state(key).is === "blocked");
        if (creating.length > 0) {
            return keys.length === 1
                ? { is: "blocked", reason: "creating" }
                : { is: "refused", problem: says("Creating"), splits: true };
        }
        const poison = keys.filter((key) => this.target(key).temper === "poison" && this.goneSince(key) === undefined);
        if (poison.length > 0) {
            const culprits = this.rules.namesCulprits ? { culprits: poison } : {};
            return { is: "refused", problem: says("Poison"), splits: true, ...culprits };
        }
        return this.accept(keys, now, answer === "heard");
    }

    private accept(keys: readonly string[], now: number, heard: boolean): SubmitReply {
        const ends = now + this.rules.duration(keys);
        const nature = this.rules.job(this.began);
        const id = `job${this.began}`;
        this.began += 1;
        const named = this.rules.jobs === "named" || this.rules.jobs === "general";
        for (const key of keys) {
            const target = this.target(key);
            if (this.goneSince(key) !== undefined) {
                continue;
            }
            // A job whose answer was lost is not known to the client.
            target.job = named && heard ? id : undefined;
            target.ends = ends;
            if (target.temper === "willing") {
                target.goneAt = ends;
            }
        }
        this.jobsById.set(id, { id, keys, began: now, ends, nature, polls: 0, saidToBeOver: false });
        return { is: "accepted", failed: new Map(), requestId: `request of ${id}`, ...(named ? { job: id } : {}) };
    }

    private target(key: string): Target {
        const target = this.targets.get(key);
        if (target === undefined) {
            throw new Error(`the model has no ${key}`);
        }
        return target;
    }

    private state(key: string): TargetState {
        const { temper, start, ends } = this.target(key);
        const now = this.clock.now();
        if (this.goneSince(key) !== undefined) {
            return { is: "settled" };
        }
        if (start.is === "creating" && start.until > now) {
            return { is: "blocked", reason: "it is being created" };
        }
        if (start.is === "deleting" && start.until > now) {
            return { is: "inProgress" };
        }
        if (temper === "impossible") {
            return { is: "impossible", problem: says("Protected") };
        }
        if (ends !== undefined && ends > now && this.rules.showsDeleting) {
            return { is: "inProgress" };
        }
        return { is: "ready" };
    }

    private jobState({ id, inDetail }: Job): JobState {
        const job = this.jobsById.get(id);
        const now = this.clock.now();
        if (job === undefined || (job.nature === "vanishes" && now > job.began + (job.ends - job.began) / 2)) {
            if (job !== undefined) {
                job.saidToBeOver = true;
            }
            return { is: "lost" };
        }
        job.polls += 1;
        const tough = job.keys.filter((key) => this.target(key).temper === "tough");
        const early = job.nature === "early" && now > job.began + (job.ends - job.began) / 2;
        if (job.nature === "stuck" || (now < job.ends && !early)) {
            const done = Math.min(1, (now - job.began) / (job.ends - job.began));
            const progress = job.nature === "backwards" ? (job.polls % 2) / 2 : done;
            const failed =
                this.rules.tellsEarly && inDetail ? new Map(tough.map((key) => [key, says("Tough")])) : undefined;
            return {
                is: "running",
                status: "RUNNING",
                ...(job.nature === "stuck" ? {} : { progress }),
                times: { begin: String(job.began) },
                ...(failed === undefined ? {} : { failed }),
            };
        }
        job.saidToBeOver = true;
        const well = tough.length === 0;
        const named = this.rules.jobs === "named";
        return {
            is: "ended",
            status: well ? "SUCCESS" : "FAILED",
            well,
            times: { begin: String(job.began), end: String(job.ends) },
            reportedDone: new Set(job.keys.filter((key) => this.target(key).temper !== "tough")),
            failed: new Map(named ? tough.map((key) => [key, says("Tough")]) : []),
            ...(well || named ? {} : { problem: says("SomeFailed") }),
        };
    }
}
