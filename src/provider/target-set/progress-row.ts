import type { RunEvent } from "../../batch/events";
import type { OutcomeKind } from "../../batch/outcome";
import { shortened } from "../../batch/problem";
import type { Session } from "../../batch/session/session";
import { progressText } from "../report/progress";

/**
 * Turns the events of a run over `total` targets into the status line of the resource's row. `guardText` ends the line. `show` asks for
 * the text when it needs it.
 */
export function progressRow(
    { api, clock }: Pick<Session, "api" | "clock">,
    { total, guardText }: { readonly total: number; readonly guardText?: string | undefined },
    show: (say: () => string) => void,
): (event: RunEvent) => void {
    const began = clock.now();
    const settled: Partial<Record<OutcomeKind, number>> = {};
    const jobs = new Map<string, { readonly id: string; readonly progress?: number }>();
    let waitingFor: string | undefined;
    return (event) => {
        switch (event.is) {
            case "settled":
                settled[event.outcome.is] = (settled[event.outcome.is] ?? 0) + 1;
                break;
            case "submitted":
                waitingFor = undefined;
                if (event.job !== undefined) {
                    jobs.set(event.job, { id: event.job });
                }
                break;
            case "polled":
                jobs.set(event.job, {
                    id: event.job,
                    ...(event.progress === undefined ? {} : { progress: event.progress }),
                });
                break;
            case "jobEnded":
                jobs.delete(event.job);
                break;
            case "busy":
                waitingFor = `waiting: ${shortened(event.problem.message)}`;
                break;
            case "blocked":
                waitingFor = `waiting: ${event.reason}`;
                break;
            case "inspected":
                break;
            case "observed":
            case "submitting":
                return;
        }
        const elapsed = clock.now() - began;
        show(() => {
            // Once all targets are settled, this run waits for no job any more.
            const allSettled = Object.values(settled).reduce((sum, count) => sum + count, 0) >= total;
            const running = allSettled ? [] : [...jobs.values()];
            const text = progressText({ effect: api.effect, total, settled, jobs: running, elapsed });
            const waits = waitingFor === undefined || allSettled ? "" : `, ${waitingFor}`;
            return `${text}${waits}${guardText === undefined ? "" : `; ${guardText}`}`;
        });
    };
}
