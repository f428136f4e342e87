import type { TargetState } from "../api";

/**
 * What a run of one session has to know of the others: what it saw itself may be out of date. Kept only while there is
 * another run.
 */
export class TargetLedger {
    private runs = 0;
    private readonly releasedAt = new Map<string, number>();
    /** Targets that were shown not to be there for a submit, and the order of that among all looks. */
    private readonly superseded = new Map<string, number>();
    private order = 0;

    /** A run begins, and will look; returns what says that it has ended. */
    runBegins(): () => void {
        this.runs += 1;
        return () => {
            this.runs -= 1;
            if (this.runs === 0) {
                this.releasedAt.clear();
                this.superseded.clear();
            }
        };
    }

    /** A run has had these in hand until now. */
    release(keys: Iterable<string>, now: number): void {
        if (this.runs > 1) {
            for (const key of keys) {
                this.releasedAt.set(key, now);
            }
        }
    }

    /** Whether a run let go of a target after this moment. */
    releasedSince(key: string, moment: number): boolean {
        return (this.releasedAt.get(key) ?? Number.NEGATIVE_INFINITY) > moment;
    }

    /** A look begins, whoever wants it; to be called with what it shows. */
    inspectionBegins(): (states: ReadonlyMap<string, TargetState>) => void {
        this.order += 1;
        const began = this.order;
        return (states) => {
            if (this.runs < 2 && this.superseded.size === 0) {
                return;
            }
            this.order += 1;
            for (const [key, { is }] of states) {
                if (is !== "ready" && this.runs > 1) {
                    this.superseded.set(key, this.order);
                } else if (is === "ready" && (this.superseded.get(key) ?? this.order) < began) {
                    this.superseded.delete(key);
                }
            }
        };
    }

    /** Whether a look showed a target gone, in progress or not possible, and no look that began later has shown it otherwise. */
    isSuperseded(key: string): boolean {
        return this.superseded.has(key);
    }
}
