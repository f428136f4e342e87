import type { Harness, Reply, SendOptions } from "../harness";

/** Where the samples of a service's calls are played. */
export interface Stage extends Pick<Harness, "emulator"> {
    /** One call, which must be answered well. */
    send(method: string, path: string, options?: SendOptions): Promise<Reply["body"]>;
    /** The same, with its headers. */
    exchange(method: string, path: string, options?: SendOptions): Promise<Reply>;
    later(seconds: number): void;
}

/** All calls of one service, each at least once, so that its answers are as full as they get. */
export interface Samples {
    play(stage: Stage): Promise<void>;
    /** Calls that the SDK does not have, as "METHOD /path/{}", with why they are emulated. */
    readonly withoutModel?: Readonly<Record<string, string>>;
}
