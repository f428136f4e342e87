import type { Outcome, RunReport } from "../../batch/outcome";

/**
 * One report of several runs of one hook. No target is in two of them, so each has exactly one outcome; `leftOut` are no targets any
 * more and have none.
 */
export function mergedReport(reports: readonly RunReport[], leftOut: ReadonlySet<string> = new Set()): RunReport {
    const [only, another] = reports;
    if (only !== undefined && another === undefined && leftOut.size === 0) {
        return only;
    }
    const outcomes = new Map<string, Outcome>();
    const absent = new Set<string>();
    for (const report of reports) {
        report.outcomes.forEach((outcome, key) => {
            if (!leftOut.has(key)) {
                outcomes.set(key, outcome);
            }
        });
        report.absent?.forEach((key) => {
            if (!leftOut.has(key)) {
                absent.add(key);
            }
        });
    }
    const stopped = reports.find((report) => report.stopped !== undefined)?.stopped;
    return {
        outcomes,
        jobs: reports.flatMap(({ jobs }) => jobs),
        submitted: reports.some(({ submitted }) => submitted),
        absent,
        ...(stopped === undefined ? {} : { stopped }),
        notTried: reports.reduce((sum, { notTried }) => sum + notTried, 0),
        refused: reports.reduce((sum, { refused }) => sum + refused, 0),
    };
}
