/** Where the emulator takes the time from; nothing in it reads the machine's clock by itself. */
export interface TimeSource {
    /** Milliseconds since the epoch. */
    now(): number;
}

/**
 * Two times run in an emulator. The world's time drives objects and jobs: it can be paused, advanced and sped up. The
 * wall time judges signatures, and with every `advance` added to it the life of tokens and of key locks: a fast world
 * must not make tokens of 24 hours last seconds for a client that lives at normal speed.
 */
export class WorldClock {
    private readonly source: TimeSource;
    private worldAt: number;
    private sourceAt: number;
    private advanced = 0;
    private factor: number;
    private stopped = false;

    constructor(source: TimeSource, speed = 1) {
        this.source = source;
        this.sourceAt = source.now();
        this.worldAt = this.sourceAt;
        this.factor = speed;
    }

    now(): number {
        return this.stopped ? this.worldAt : this.worldAt + (this.source.now() - this.sourceAt) * this.factor;
    }

    /** The time a client's own clock should show. */
    wallNow(): number {
        return this.source.now();
    }

    /** The time that tokens, temporary keys and key locks live by. */
    credentialNow(): number {
        return this.source.now() + this.advanced;
    }

    advance(ms: number): void {
        this.rebase();
        this.worldAt += ms;
        this.advanced += ms;
    }

    pause(): void {
        this.rebase();
        this.stopped = true;
    }

    resume(): void {
        this.rebase();
        this.stopped = false;
    }

    setSpeed(factor: number): void {
        this.rebase();
        this.factor = factor;
    }

    get speed(): number {
        return this.factor;
    }

    get paused(): boolean {
        return this.stopped;
    }

    private rebase(): void {
        this.worldAt = this.now();
        this.sourceAt = this.source.now();
    }
}
