import { connect } from "node:net";
import { type Clock, pause } from "../util/clock";

/** Nothing is sent on a state of the engine that is older than this. Milliseconds. */
const STATE_LASTS = 1_000;
/** Between a try that failed and the one that decides. */
const SECOND_LOOK_AFTER = 250;
const LOOK_TAKES_AT_MOST = 1_000;

/** How a provider process knows that the engine that started it still lives. */
export interface EngineWatch {
    /** Keeps an eye on the engine until the hook has ended. */
    during<T>(hook: () => Promise<T>): Promise<T>;
    /** Before each submit: resolves if the engine was there within the last second, rejects with EngineGone if it is not. */
    assertEngine(): Promise<void>;
}

export interface EngineWatchOptions {
    readonly clock: Clock;
    /** Whether the engine answers; never rejects, and gives up after a short while. */
    readonly connect: () => Promise<boolean>;
    /** Ends this process. */
    readonly exit: () => void;
}

export class EngineGone extends Error {
    constructor() {
        super(
            "the Pulumi engine that started this provider is gone: nothing more is sent. " +
                "Free the stack with `pulumi cancel` if it is locked, then run the same command again; it goes on from there",
        );
        this.name = "EngineGone";
    }
}

/**
 * A killed CLI leaves the provider process behind, alive and working. While a hook runs, this checks about every second
 * whether its engine still answers; two misses in a row end it.
 */
export function watchEngine(options: EngineWatchOptions): EngineWatch {
    return new Watch(options);
}

/** Where there is no engine to watch: not started by one. */
export const withoutEngine: EngineWatch = {
    during: (hook) => hook(),
    assertEngine: async () => {},
};

/**
 * The engine's address is the last argument of a dynamic-provider process (pkg/resource/plugin/provider_plugin.go NewProvider).
 * Undefined in any other process.
 */
export function engineAddress(argv: readonly string[]): { readonly host: string; readonly port: number } | undefined {
    const last = argv.length > 2 ? argv[argv.length - 1] : undefined;
    if (last === undefined || !/[\\/]cmd[\\/]dynamic-provider([\\/]index\.js)?$/.test(argv[1] ?? "")) {
        return undefined;
    }
    return addressOf(last);
}

/** `127.0.0.1:4711`; undefined where it is none. */
export function addressOf(text: string): { readonly host: string; readonly port: number } | undefined {
    const [, ipv6, name, digits] = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text) ?? [];
    const host = ipv6 ?? name;
    const port = Number(digits);
    return host !== undefined && port > 0 && port < 65_536 ? { host, port } : undefined;
}

/** One try: can a TCP connection be made? */
export function connectTo(address: { readonly host: string; readonly port: number }): () => Promise<boolean> {
    return () =>
        new Promise((resolve) => {
            const socket = connect({ ...address, timeout: LOOK_TAKES_AT_MOST });
            const end = (seen: boolean) => {
                socket.destroy();
                resolve(seen);
            };
            socket.once("connect", () => end(true));
            // Where this process itself was busy for so long, the connection may be there already: it gets its turn first.
            socket.once("timeout", () => setImmediate(end, false));
            socket.once("error", () => end(false));
        });
}

class Watch implements EngineWatch {
    private readonly clock: Clock;
    private readonly connect: () => Promise<boolean>;
    private readonly exit: () => void;
    private hooks = 0;
    private idle = new AbortController();
    private answeredAt = Number.NEGATIVE_INFINITY;
    private check: Promise<boolean> | undefined;
    private gone = false;

    constructor(options: EngineWatchOptions) {
        this.clock = options.clock;
        this.connect = options.connect;
        this.exit = options.exit;
    }

    async during<T>(hook: () => Promise<T>): Promise<T> {
        if (this.hooks++ === 0) {
            this.idle = new AbortController();
            void this.watch(this.idle.signal);
        }
        // The engine itself has just called.
        this.answeredAt = this.clock.now();
        try {
            return await hook();
        } finally {
            if (--this.hooks === 0) {
                this.idle.abort();
            }
        }
    }

    async assertEngine(): Promise<void> {
        if (this.gone || (!this.fresh() && !(await this.there()))) {
            throw new EngineGone();
        }
    }

    private fresh(): boolean {
        return this.clock.now() - this.answeredAt <= STATE_LASTS;
    }

    private async watch(idle: AbortSignal): Promise<void> {
        while (!this.gone && (await this.pause(STATE_LASTS, idle))) {
            await this.there();
        }
    }

    /** All who ask at one time share one check. */
    private there(): Promise<boolean> {
        this.check ??= this.connectTwice().finally(() => {
            this.check = undefined;
        });
        return this.check;
    }

    private async connectTwice(): Promise<boolean> {
        if (await this.connect()) {
            this.answeredAt = this.clock.now();
            return true;
        }
        await this.pause(SECOND_LOOK_AFTER, this.idle.signal);
        if (await this.connect()) {
            this.answeredAt = this.clock.now();
            return true;
        }
        this.gone = true;
        this.exit();
        return false;
    }

    /** False if there is no hook under way (any more). */
    private pause(ms: number, idle: AbortSignal): Promise<boolean> {
        return pause(this.clock, ms, idle);
    }
}
