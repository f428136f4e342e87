import type { Clock } from "../../util/clock";

/** Lets those who arrive one after the other go on together: when no other has come for `quiet` milliseconds, after `longest` at most. */
export class Gathering {
    private last = 0;
    private together: Promise<void> | undefined;

    constructor(
        private readonly clock: Clock,
        private readonly quiet: number,
        private readonly longest: number,
    ) {}

    arrive(): Promise<void> {
        this.last = this.clock.now();
        this.together ??= this.untilQuiet();
        return this.together;
    }

    private async untilQuiet(): Promise<void> {
        const since = this.clock.now();
        for (;;) {
            const left = Math.min(this.last + this.quiet, since + this.longest) - this.clock.now();
            if (left <= 0) {
                this.together = undefined;
                return;
            }
            await this.clock.sleep(left);
        }
    }
}
