import type { Harness, Reply, SendOptions } from "../harness";

/** Where the samples of a service's calls are played. */
export interface Stage extends Pick<Harness, "emulator"> {
    /** One call, which must be answered well. */
    send(method: string, path: string, options?: SendOptions): Promise<Reply["body"]>;
    /** The same, with its headers. */
    exchange(method: string, path: string, options?: SendOptions): Promise<Reply>;
    later(seconds: number): void;
}

export type SamplePromise =
    | "every emulated call has a recorded shape and a sample"
    | "every answer has the shape of the official SDK's model"
    | "null for what may be left out is as if it were"
    | "requests have the fields of the models, and no value that an enumeration does not have is taken";

/** All calls of one service, each at least once, so that its answers are as full as they get. */
export interface Samples {
    play(stage: Stage): Promise<void>;
    /** Calls that the SDK does not have, as "METHOD /path/{}", with why they are emulated. */
    readonly withoutModel?: Readonly<Record<string, string>>;
    /** Where the emulator takes what the enumeration does not have, or answers it, with why. By problem. */
    readonly exceptions?: Readonly<Record<string, string>>;
    /** What does not hold yet: to be emptied. */
    readonly open?: readonly SamplePromise[];
}
