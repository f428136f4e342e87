import type { Random } from "../../util/clock";
import type { Polling } from "../api";

/** With a floor of nothing there would be no pause. Milliseconds. */
const SHORTEST = 20;

/** 1.3 + 0.4·√t, in seconds: the gap where nothing is known of the duration. */
const BASE = 1.3;
const ROOT = 0.4;
/** No gap before the cap is a larger share of the elapsed time, so that the end of short work is not seen late. */
const SHARE = 0.35;

/** From which part of the usual duration on polls are dense, and up to which. */
const NEAR = { from: 0.9, to: 1.15 } as const;

/** The gaps between polls. Learns how long work usually takes from what has finished in this process. */
export class Schedule {
    private readonly finished: number[] = [];
    private usual: number | undefined;
    /** Of this process: ten per cent either way, so that processes that began together do not poll together. */
    private readonly pace: number;

    constructor(
        private readonly polling: Polling,
        private readonly random: Random,
    ) {
        this.pace = 0.9 + 0.2 * random();
    }

    /** Milliseconds until the first poll of work that begins now. */
    first(): number {
        return this.jitter(this.polling.first);
    }

    /**
     * Milliseconds until the next poll of work that began `elapsed` milliseconds ago. Where the duration is not known, √t balances the
     * number of polls against lateness: the longer the work has taken, the longer it may still take. With short work the gap is a share
     * of the elapsed time: the poll that sees the end is late by half a gap on the average, so by a sixth of the duration at most.
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
            // Not before the end is likely, but within the cap, for this work may be quicker than usual.
            return this.jitter(clamp(NEAR.from * usual - elapsed, unknown, cap));
        }
        return this.jitter(elapsed < NEAR.to * usual ? Math.max(floor, unknown / 2) : unknown);
    }

    /** Milliseconds until the next try, after so many that failed: each wait is as long as that for work four times as old. */
    afterTries(tries: number): number {
        return this.gap(1_000 * 4 ** tries);
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

    /** Ten per cent either way. */
    private jitter(ms: number): number {
        return ms * this.pace * (0.9 + 0.2 * this.random());
    }
}

function clamp(value: number, low: number, high: number): number {
    return Math.min(Math.max(value, low), high);
}
