/**
 * What a service must tell the batch engine about one batch API in one place, for one identity.
 * Targets are named by their key: the id, or where one API has several kinds of things, `kind:id`.
 */
export interface BatchApi {
    /** For people: "Workspace APP image servers". */
    readonly name: string;
    /** "deletes": outcomes are `deleted` and `alreadyGone`; "acts": `done` and `alreadyDone`. */
    readonly effect: "deletes" | "acts";
    /** Most targets one request may hold. */
    readonly perRequest: number;
    /** Most submits under way at once. With `exclusive` it is 1, and a submit lasts until its job has ended. */
    readonly concurrentSubmits: number;
    /** The cloud allows one job at a time per user: the next submit waits for the end of the last job. */
    readonly exclusive: boolean;
    /** When to inspect or poll again, see polling/schedule.ts. Milliseconds. */
    readonly polling: Polling;
    /** How long a target may stay as it was after its job ended well, or after an answer that named no job, before that counts as a failure. Milliseconds. */
    readonly settleWithin: number;

    /**
     * The states of these targets, in as few calls as the API has. Covers every key asked for, and may show others: what it shows of
     * them counts as well. `reportedDone` holds targets that a job or an answer of this process calls done: their absence from a list
     * needs no second reading. Whether that list could have shown them is another question: see services/shared/inspection.ts.
     */
    inspect(
        keys: readonly string[],
        options: { reportedDone: ReadonlySet<string>; signal: AbortSignal },
    ): Promise<ReadonlyMap<string, TargetState>>;

    /** Missing where no list shows what `inspect` shows. */
    readonly whole?: WholeList;

    /**
     * One request. Throws only what is not about these targets: `ApiFailure`, or `NotSent`. Once the signal aborts, a request that is
     * not on its way yet is not sent.
     */
    submit(keys: readonly string[], signal: AbortSignal): Promise<SubmitReply>;

    /**
     * Called with a reply that is "refused", or "accepted" with failed targets: finds out what keeps the targets from it, does what
     * makes it possible (a stop), and answers what the reply comes to. Missing where such a reply is final. Throws as `submit` does.
     */
    readonly prepare?: (keys: readonly string[], reply: SubmitReply, signal: AbortSignal) => Promise<SubmitReply>;

    /** The states of all these jobs. Missing where the API has no jobs and the targets' own states show the end. Covers every job asked for. */
    readonly poll?: (jobs: readonly Job[], signal: AbortSignal) => Promise<ReadonlyMap<string, JobState>>;
}

/** The list of all targets that there are: one reading of it serves everybody who looks at some of them. */
export interface WholeList {
    /** "settled": what two readings do not show is gone. "unknown": only `inspect` can tell whether it is. */
    readonly others: "settled" | "unknown";
    /** The kind of a target, where each kind has a list of its own. Missing: one list shows all targets. */
    readonly kindOf?: (key: string) => string;
    /** About how many calls `inspect` makes for so many targets. */
    callsFor(targets: number): number;
    /** Reads the whole list of a kind, if that takes `most` calls at most. Throws as `inspect` does. */
    read(kind: string, most: number, signal: AbortSignal): Promise<WholeReading>;
}

export type WholeReading =
    | {
          readonly is: "read";
          readonly states: ReadonlyMap<string, TargetState>;
          /**
           * Reads the list again, for one that shifts while it is read skips things: the newer states, if both readings together show all
           * that there is, else undefined. Throws as `inspect` does. Missing where `others` is "unknown".
           */
          readonly confirm?: (signal: AbortSignal) => Promise<ReadonlyMap<string, TargetState> | undefined>;
      }
    /** `calls`: what it would take. It was not read to its end. */
    | { readonly is: "tooLong"; readonly calls: number };

/** The gap before the next inspection or poll grows with elapsed time (see polling/schedule.ts), between floor and cap. */
export interface Polling {
    readonly first: number;
    readonly floor: number;
    readonly cap: number;
}

/** What the cloud said was wrong. */
export interface Problem {
    /** The cloud's code, or one of ours (CamelCase, no dot). */
    readonly code: string;
    readonly message: string;
    readonly requestId?: string;
}

/** A time as far as the cloud tells it, in milliseconds since the epoch: one without a zone spans all that it may mean. */
export interface TimeRange {
    readonly earliest: number;
    readonly latest: number;
}

/** What an answer shows of a target, cleaned of control characters. A fact that the answer does not show is missing. */
export interface TargetFacts {
    readonly name?: string;
    /** As the cloud spells it: "ACTIVE". Of a batch task the states of its tasks: "2 running, 1 stopped". */
    readonly status?: string;
    readonly createdAt?: TimeRange;
}

/** What one inspection shows of a target. `facts` is missing where the answer shows none: it may be one object for many targets. */
export type TargetState =
    /** Gone, or in the state that the action leads to. `shown`: something of it can still be seen (a record, a bin). */
    | { readonly is: "settled"; readonly shown?: true; readonly facts?: TargetFacts }
    /** The action is under way already: join it, do not submit again. */
    | { readonly is: "inProgress"; readonly facts?: TargetFacts }
    /**
     * There, and can be submitted. `failure` is what the cloud says of an earlier try; each try has a `stamp` of its own.
     */
    | { readonly is: "ready"; readonly facts?: TargetFacts; readonly failure?: Problem & { readonly stamp: string } }
    /** There, but the action can't be asked for yet (an image server that is CREATING): held back. */
    | { readonly is: "blocked"; readonly reason: string; readonly facts?: TargetFacts }
    /** Can't be done as things are: fails without being sent. `absent`: for there is no such thing. */
    | { readonly is: "impossible"; readonly problem: Problem; readonly absent?: true; readonly facts?: TargetFacts }
    /** Whether it is there is not known: no list shows it, and this identity may not read it by its id. */
    | { readonly is: "unseen"; readonly problem: Problem };

/** What became of one request. */
export type SubmitReply =
    | {
          readonly is: "accepted";
          /** Missing where the API names no job: the targets' states show the end. */
          readonly job?: string;
          readonly requestId?: string;
          /** Targets that the answer itself settles as failed; the others are verified by inspection. */
          readonly failed: ReadonlyMap<string, Problem>;
          /** Targets that the answer itself calls done. */
          readonly reportedDone?: ReadonlySet<string>;
      }
    /** Surely not done; another job of this user is running, or the service is busy: wait, inspect, send again. */
    | { readonly is: "busy"; readonly problem: Problem; readonly retryAfter?: number }
    /**
     * Surely not done, and these targets have to become possible first. `begun`: something that leads there was done to them
     * (a stop), so that state must be kept.
     */
    | { readonly is: "blocked"; readonly reason: string; readonly begun?: true }
    /**
     * Surely not done. `culprits` are the targets that the refusal names; without them, `splits` says whether a smaller request may fare better.
     */
    | {
          readonly is: "refused";
          readonly problem: Problem;
          readonly culprits?: readonly string[];
          readonly splits: boolean;
      }
    /** Perhaps done (reset, 5xx, time-out, unreadable answer): inspection has to show it before anything is sent again. */
    | { readonly is: "uncertain"; readonly problem: Problem };

export interface Job {
    readonly id: string;
    /** Keys submitted with it. */
    readonly targets: readonly string[];
    /** What became of single targets is wanted too, even while the job runs, and though that may cost a call of its own. */
    readonly inDetail?: true;
}

export type JobState =
    | {
          readonly is: "running";
          readonly status: string;
          /** From 0 to 1, where the cloud says. */
          readonly progress?: number;
          readonly times: JobTimes;
          /** Keys that have failed already, where the job says so while it runs. */
          readonly failed?: ReadonlyMap<string, Problem>;
      }
    | {
          readonly is: "ended";
          readonly status: string;
          readonly well: boolean;
          readonly times: JobTimes;
          /** Keys that the job calls done. Inspection has to confirm it. */
          readonly reportedDone: ReadonlySet<string>;
          /** Keys that the job calls failed. */
          readonly failed: ReadonlyMap<string, Problem>;
          /** What went wrong in general: used for targets that are still there and not named in `failed`. */
          readonly problem?: Problem;
      }
    /** The cloud knows no such job (any more): the targets' states show what became of them. */
    | { readonly is: "lost" };

/** As the cloud prints them. */
export interface JobTimes {
    readonly begin?: string;
    readonly end?: string;
}

/**
 * Thrown by `inspect`, `poll`, `submit` and `prepare` for what is not about single targets.
 * `final`: asking again does not help (wrong key, no permission, an answer that can't be read); otherwise it may pass.
 * `general`: whatever is asked fails so: the identity is refused, the place throttles or can't be reached.
 * `unreachable`: no request arrived at the place, whatever it was about.
 */
export class ApiFailure extends Error {
    readonly general: boolean;
    readonly unreachable: boolean;

    constructor(
        readonly problem: Problem,
        readonly final: boolean,
        options?: { readonly cause?: unknown; readonly general?: boolean; readonly unreachable?: boolean },
    ) {
        super(problem.message, options);
        this.name = "ApiFailure";
        this.unreachable = options?.unreachable ?? false;
        this.general = options?.general ?? this.unreachable;
    }
}

/** The answers are good, and yet nothing is known, because the list changes while it is read: always inspected again, even at first. */
export class StillChanging extends ApiFailure {
    constructor(problem: Problem) {
        super(problem, false);
        this.name = "StillChanging";
    }
}

/** Thrown by `submit` and `prepare` where nothing was sent and nothing will be: the signal aborted first, or this process must send nothing any more. */
export class NotSent extends Error {
    constructor(
        readonly problem: Problem,
        options?: { readonly cause?: unknown },
    ) {
        super(problem.message, options);
        this.name = "NotSent";
    }
}
