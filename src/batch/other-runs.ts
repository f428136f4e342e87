import type { Sighting } from "./api";

/**
 * What a run of one session has to know of the others: what it saw itself may be out of date. Kept only while there is
 * another run.
 */
export class OtherRuns {
    private runs = 0;
    private readonly letGoAt = new Map<string, number>();
    /** Targets that were shown not to be there for a submit, and the order of that among all looks. */
    private readonly overtaken = new Map<string, number>();
    private order = 0;

    /** A run begins, and will look; returns what says that it has ended. */
    attend(): () => void {
        this.runs += 1;
        return () => {
            this.runs -= 1;
            if (this.runs === 0) {
                this.letGoAt.clear();
                this.overtaken.clear();
            }
        };
    }

    /** A run has had these in hand until now. */
    letGo(keys: Iterable<string>, now: number): void {
        if (this.runs > 1) {
            for (const key of keys) {
                this.letGoAt.set(key, now);
            }
        }
    }

    /** Whether a run let go of a target after this moment. */
    letGoSince(key: string, moment: number): boolean {
        return (this.letGoAt.get(key) ?? Number.NEGATIVE_INFINITY) > moment;
    }

    /** A look begins, whoever wants it; to be called with what it shows. */
    look(): (sightings: ReadonlyMap<string, Sighting>) => void {
        this.order += 1;
        const began = this.order;
        return (sightings) => {
            if (this.runs < 2 && this.overtaken.size === 0) {
                return;
            }
            this.order += 1;
            for (const [key, { is }] of sightings) {
                if (is !== "present" && this.runs > 1) {
                    this.overtaken.set(key, this.order);
                } else if (is === "present" && (this.overtaken.get(key) ?? this.order) < began) {
                    this.overtaken.delete(key);
                }
            }
        };
    }

    /** Whether a look showed a target gone, in progress or not possible, and no look that began later has shown it otherwise. */
    isOvertaken(key: string): boolean {
        return this.overtaken.has(key);
    }
}
