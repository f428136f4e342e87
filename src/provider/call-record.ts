import type { RunEvent } from "../batch/events";
import type { Place } from "../cloud/call";

/** What one hook call writes into the report. Does nothing where no report is asked for. */
export interface CallRecord {
    place(place: Place): void;
    /** What is acted on from here on; may be called again for more. */
    targets(keys: readonly string[], of: TargetKinds): Promise<void>;
    /** Each event of a run. Throws at `submitting` where that can't be written: then nothing is to be sent. */
    onEvent(event: RunEvent): void;
    /** The thing under this key, which had no id, has this one. */
    identified(key: string, id: string): void;
    /** What a look counted, by what it counts: `{ matching: 27, kept: 2 }`. */
    counted(counts: Readonly<Record<string, number>>): void;
    /** The hook has ended; `error`: what it failed with. */
    ended(error?: string): void;
    /** Why the report is not complete, once it can't be written any more. */
    readonly failure: Error | undefined;
}

/** What stands before the keys, where a resource has several kinds of targets; else `noun` is their kind, e.g. "image server". */
export interface TargetKinds {
    readonly noun: string;
    readonly kinds: readonly string[];
}

/** Where no report is asked for. */
export const noRecord: CallRecord = {
    place: () => {},
    targets: async () => {},
    onEvent: () => {},
    identified: () => {},
    counted: () => {},
    ended: () => {},
    failure: undefined,
};

/** The second one hears only of what the first one has taken. */
export function bothRecords(first: CallRecord, second: CallRecord | undefined): CallRecord {
    if (second === undefined) {
        return first;
    }
    return {
        place: (place) => {
            first.place(place);
            second.place(place);
        },
        targets: async (keys, kinds) => {
            await first.targets(keys, kinds);
            await second.targets(keys, kinds);
        },
        onEvent: (event) => {
            first.onEvent(event);
            second.onEvent(event);
        },
        identified: (key, id) => {
            first.identified(key, id);
            second.identified(key, id);
        },
        counted: (counts) => {
            first.counted(counts);
            second.counted(counts);
        },
        ended: (error) => {
            first.ended(error);
            second.ended(error);
        },
        get failure() {
            return first.failure ?? second.failure;
        },
    };
}
