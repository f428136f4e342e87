/** Looks that are remembered. */
const MEMORY = 8;

/** How long the last looks took, so that one can begin early enough to end in time. */
export class InspectionTimes {
    private readonly looks: Array<{ readonly keys: number; readonly ms: number }> = [];

    inspected(keys: number, ms: number): void {
        this.looks.push({ keys, ms });
        if (this.looks.length > MEMORY) {
            this.looks.shift();
        }
    }

    /** Of the last look at so many targets or more; where there was none, of the longest. Milliseconds. */
    fullInspection(keys: number): number {
        const full = this.looks.findLast((look) => look.keys >= keys);
        return full?.ms ?? Math.max(0, ...this.looks.map(({ ms }) => ms));
    }
}
