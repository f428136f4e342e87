import type { Random } from "../../util/clock";
import type { Polling } from "../api";

/** A floor of nothing would look without a pause. Milliseconds. */
const SHORTEST = 20;

/** 1.3 + 0.4·√t, in seconds: the gap where nothing is known of the duration. */
const BASE = 1.3;
const ROOT = 0.4;
/** No gap before the cap is a larger share of the elapsed time: short work is not found late. */
const SHARE = 0.35;

/** How much of a usual duration must have gone by before looks become dense, and how far past it they stay dense. */
const NEAR = { from: 0.9, to: 1.15 } as const;

/** When to look again. Learns how long work usually takes from what has already finished in this process. */
export class Schedule {
    private readonly finished: number[] = [];
    private usual: number | undefined;
    /** Of this process: ten per cent either way, so that looks of many begin nowhere together, and none can rely on a lucky moment. */
    private readonly pace: number;

    constructor(
        private readonly polling: Polling,
        private readonly random: Random,
    ) {
        this.pace = 0.9 + 0.2 * random();
    }

    /** Milliseconds until the first look at work that begins now. */
    first(): number {
        return this.jitter(this.polling.first);
    }

    /**
     * Milliseconds until the next look at work that began `elapsed` milliseconds ago.
     * Where nothing is known of the duration, √t balances looks against lateness: the longer it has taken, the longer it
     * may still take. What is added to it nobody minds but with short work, where the gap is a share of the elapsed time:
     * the look that sees the end comes, on the average, later by half a gap, so by a sixth of the duration at most.
     */
    gap(elapsed: number): number {
        const { cap } = this.polling;
        const floor = Math.max(this.polling.floor, SHORTEST);
        const unknown = clamp(Math.min((BASE + ROOT * Math.sqrt(elapsed / 1000)) * 1000, SHARE * elapsed), floor, cap);
        const { usual } = this;
        if (usual === undefined) {
            return this.jitter(unknown);
        }
        if (elapsed < NEAR.from * usual) {
            // Not before it is likely: but never later than the cap, for the next one may be quicker.
            return this.jitter(clamp(NEAR.from * usual - elapsed, unknown, cap));
        }
        return this.jitter(elapsed < NEAR.to * usual ? Math.max(floor, unknown / 2) : unknown);
    }

    /** Work that began `duration` milliseconds ago was seen to have ended. */
    learn(duration: number): void {
        this.finished.push(duration);
        if (this.finished.length > 64) {
            this.finished.shift();
        }
        if (this.finished.length >= 3) {
            this.usual = [...this.finished].sort((a, b) => a - b)[this.finished.length >> 1];
        }
    }

    /** Ten per cent either way, so that processes that began together do not look together. */
    private jitter(ms: number): number {
        return ms * this.pace * (0.9 + 0.2 * this.random());
    }
}

function clamp(value: number, low: number, high: number): number {
    return Math.min(Math.max(value, low), high);
}
