import type { TargetState } from "../api";

/** What one inspection showed of those targets that it showed in the same state. */
interface Observation {
    readonly is: TargetState["is"];
    /** The order of its begin and of its end. */
    readonly began: number;
    readonly ended: number;
}

interface Entry {
    /** Order of the last submit or release: only an inspection that began later says what has become of the target. */
    acted: number;
    /** The newest observation. Missing: nothing but "ready" was observed since the entry exists. */
    observed: Observation | undefined;
    /** The runs that have submitted the target and not settled it yet: several where one request was that of several. */
    holds: readonly Hold[];
    /** A job of this process that works on the target, and whose end was not seen yet. */
    job: string | undefined;
    /** Called when the request that holds the target is not to be sent any more. */
    onSuperseded: (() => void) | undefined;
}

const NO_HOLDS: readonly Hold[] = [];

/** Targets that one run has submitted and not settled yet. */
export interface Hold {
    /** Resolves at the release. */
    readonly released: Promise<void>;
    /**
     * Ends the hold and, with the last hold of a target, what was reported of it. An inspection that began before is out of date
     * then. `inspectedAt`: so is only one that began before that moment, for the holder has inspected since.
     */
    release(inspectedAt?: number): void;
}

/** Who works on a target: a run of this process, or, by its id, a job that a run has left behind. */
export type Owner = Hold | string;

/**
 * What this process knows of each target of one session, and therefore whether a target may be submitted. "Later" means one
 * thing: an inspection is later than an event if it began after that. The order of events is a number that grows with each of
 * them. There is no entry for a target of which nothing but "ready" is known. Entries last until the last run ends; those with an
 * unfinished job last until that ends.
 */
export class TargetLedger {
    private entries = new Map<string, Entry>();
    /** Targets that a job or an answer calls done, until their last hold is released or they are seen to be there. */
    private readonly reports = new Set<string>();
    private order = 0;
    private runs = 0;

    /** The order of this moment among all events. */
    now(): number {
        this.order += 1;
        return this.order;
    }

    /** Returns what ends the run. */
    runBegins(): () => void {
        this.runs += 1;
        return () => {
            this.runs -= 1;
            if (this.runs > 0) {
                return;
            }
            // A new map: to delete 100,000 entries one by one takes several times as long as to keep few.
            const kept = new Map<string, Entry>();
            for (const [key, entry] of this.entries) {
                if (entry.job !== undefined) {
                    entry.observed = undefined;
                    kept.set(key, entry);
                }
            }
            this.entries = kept;
        };
    }

    /** No run of this process is under way, and no job that one has left behind. */
    get isIdle(): boolean {
        return this.runs === 0 && this.entries.size === 0;
    }

    /** Called before each inspection; what it returns is called with the result, which may show more than was asked for. */
    inspectionBegins(): (states: ReadonlyMap<string, TargetState>) => void {
        const began = this.now();
        return (states) => this.record(states, began);
    }

    /** Whether the newest inspection allows it, and nobody of this process works on the target. */
    maySubmit(key: string): boolean {
        const entry = this.entries.get(key);
        if (entry === undefined) {
            return true;
        }
        if (entry.holds.length > 0 || entry.job !== undefined) {
            return false;
        }
        const { observed, acted } = entry;
        return observed === undefined ? acted === 0 : observed.is === "ready" && observed.began > acted;
    }

    /** Whether the newest inspection showed the target settled, and began later than this moment. */
    isSettled(key: string, since: number): boolean {
        const observed = this.entries.get(key)?.observed;
        return observed?.is === "settled" && observed.began > since;
    }

    owner(key: string): Owner | undefined {
        const entry = this.entries.get(key);
        return entry?.holds[0] ?? entry?.job;
    }

    /** A request with these targets begins. `onSuperseded` is called once an inspection shows one of them not to be ready. Returns what ends it. */
    requestBegins(keys: readonly string[], onSuperseded: () => void): () => void {
        for (const key of keys) {
            this.entry(key).onSuperseded = onSuperseded;
        }
        return () => {
            for (const key of keys) {
                const entry = this.entries.get(key);
                if (entry?.onSuperseded === onSuperseded) {
                    entry.onSuperseded = undefined;
                }
            }
        };
    }

    /** A run has submitted these targets, or perhaps has. */
    hold(keys: readonly string[]): Hold {
        const { promise: released, resolve } = Promise.withResolvers<void>();
        const hold: Hold = {
            released,
            release: (inspectedAt) => {
                const at = inspectedAt ?? this.now();
                for (const key of keys) {
                    const entry = this.entries.get(key);
                    if (entry?.holds.includes(hold)) {
                        entry.holds = entry.holds.length === 1 ? NO_HOLDS : entry.holds.filter((held) => held !== hold);
                        entry.acted = Math.max(entry.acted, at);
                        if (entry.holds.length === 0) {
                            this.reports.delete(key);
                        }
                    }
                }
                resolve();
            },
        };
        const at = this.now();
        const alone = [hold];
        for (const key of keys) {
            const entry = this.entry(key);
            entry.holds = entry.holds.length === 0 ? alone : [...entry.holds, hold];
            entry.acted = at;
        }
        return hold;
    }

    jobBegins(job: string, keys: readonly string[]): void {
        for (const key of keys) {
            this.entry(key).job = job;
        }
    }

    /** Its targets are free; what became of them only a later inspection shows. */
    jobEnded(job: string, keys: Iterable<string>): void {
        const at = this.now();
        for (const key of keys) {
            const entry = this.entries.get(key);
            if (entry?.job === job) {
                entry.job = undefined;
                entry.acted = at;
                if (this.runs === 0) {
                    this.entries.delete(key);
                }
            }
        }
    }

    /** A job or an answer calls these done; their holder verifies it. */
    reportDone(keys: Iterable<string>): void {
        for (const key of keys) {
            this.reports.add(key);
        }
    }

    get reportedDone(): ReadonlySet<string> {
        return this.reports;
    }

    /**
     * Of inspections that overlap, the one that keeps a target from being submitted counts: "ready" replaces another state only if it
     * was seen by a later inspection.
     */
    private record(states: ReadonlyMap<string, TargetState>, began: number): void {
        const ended = this.now();
        const shared = new Map<TargetState["is"], Observation>();
        for (const [key, { is }] of states) {
            if (is === "ready" || is === "blocked") {
                // It is there: a later absence needs its own proof.
                this.reports.delete(key);
            }
            const observation = shared.get(is) ?? { is, began, ended };
            shared.set(is, observation);
            if (is === "ready") {
                const entry = this.entries.get(key);
                if (entry !== undefined && isNewer(observation, entry.observed)) {
                    entry.observed = observation;
                }
            } else if (this.runs > 0) {
                const entry = this.entry(key);
                entry.observed = observation;
                entry.onSuperseded?.();
            }
        }
    }

    private entry(key: string): Entry {
        const known = this.entries.get(key);
        if (known !== undefined) {
            return known;
        }
        const entry: Entry = {
            acted: 0,
            observed: undefined,
            holds: NO_HOLDS,
            job: undefined,
            onSuperseded: undefined,
        };
        this.entries.set(key, entry);
        return entry;
    }
}

/** Whether "ready" replaces what was observed before. */
function isNewer(ready: Observation, before: Observation | undefined): boolean {
    return before === undefined || ready.began > (before.is === "ready" ? before.began : before.ended);
}
