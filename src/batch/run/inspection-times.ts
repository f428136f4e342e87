/** Inspections that are remembered. */
const MEMORY = 8;

/** How long the last inspections took, so that one can begin early enough to end in time. */
export class InspectionTimes {
    private readonly inspections: Array<{ readonly keys: number; readonly ms: number }> = [];

    inspected(keys: number, ms: number): void {
        this.inspections.push({ keys, ms });
        if (this.inspections.length > MEMORY) {
            this.inspections.shift();
        }
    }

    /** Of the last inspection of so many targets or more; where there was none, of the longest one. Milliseconds. */
    fullInspection(keys: number): number {
        const full = this.inspections.findLast((inspection) => inspection.keys >= keys);
        return full?.ms ?? Math.max(0, ...this.inspections.map(({ ms }) => ms));
    }
}
