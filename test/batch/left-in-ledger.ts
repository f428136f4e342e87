import type { Session } from "../../src/batch/session/session";

/** What a session keeps of targets once every run has ended: one line each. Only what an unfinished job works on may be kept. */
export function leftInLedger({ ledger }: Session): readonly string[] {
    // biome-ignore lint/complexity/useLiteralKeys: only so can a test look at what is private
    const entries = [...ledger["entries"]];
    return [
        ...entries.filter(([, { job }]) => job === undefined).map(([key]) => `an entry of ${key}`),
        ...entries.filter(([, { holds }]) => holds.length > 0).map(([key]) => `a hold of ${key}`),
        ...[...ledger.reportedDone].map((key) => `a report of ${key}`),
    ];
}
