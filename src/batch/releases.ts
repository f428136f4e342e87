/**
 * When targets were let go of by a run that had them in hand: what another run saw of them before is out of date.
 * Kept only while there is another run that can have looked before.
 */
export class Releases {
    private readonly at = new Map<string, number>();
    private runs = 0;

    /** A run begins, and will look; returns what says that it has ended. */
    attend(): () => void {
        this.runs += 1;
        return () => {
            this.runs -= 1;
            if (this.runs === 0) {
                this.at.clear();
            }
        };
    }

    note(keys: Iterable<string>, now: number): void {
        if (this.runs > 1) {
            for (const key of keys) {
                this.at.set(key, now);
            }
        }
    }

    /** Whether a target was let go of after this moment. */
    since(key: string, moment: number): boolean {
        return (this.at.get(key) ?? Number.NEGATIVE_INFINITY) > moment;
    }
}
