import type { Wire } from "../test/world/network";
import type { Scenario } from "./scenario";

/** What the request log shows of one run beyond counts, for the rows that need it. */
export type Facts = (wires: readonly Wire[], scenario: Scenario) => Readonly<Record<string, number>>;

const isSubmit = ({ method, target }: Wire) => method !== "GET" && !target.includes("/summarys");

/** The share of a rate limit that was used between the first submit and the last; the client had to find the limit out. */
export const ofThrottle: Facts = (wires, { hiddenLimit = Number.POSITIVE_INFINITY }) => {
    const refused = wires.filter(({ status }) => status === 429);
    const first = refused[0];
    const next = wires.find(({ sentAt }) => first !== undefined && sentAt > first.endedAt);
    const submits = wires.filter((wire) => isSubmit(wire) && wire.status !== 429);
    const from = submits[0]?.sentAt ?? 0;
    const to = submits.at(-1)?.endedAt ?? 0;
    const during = wires.filter(({ sentAt, status }) => sentAt >= from && sentAt <= to && status !== 429);
    return {
        used: during.length / (hiddenLimit * ((to - from) / 1000)),
        refused: refused.length / wires.length,
        secondsAfterFirst429: first === undefined || next === undefined ? 0 : (next.sentAt - first.endedAt) / 1000,
    };
};

/** One job at a time, all of the same length: the time between the end of one and the submit of the next. */
export const ofExclusivity: Facts = (wires, { work }) => {
    const submits = wires.filter((wire) => isSubmit(wire) && wire.status !== undefined && wire.status < 300);
    const waits: number[] = [];
    const looks: number[] = [];
    submits.slice(1).forEach((submit, n) => {
        // The job began within this request.
        const ended = (submits[n]?.endedAt ?? 0) + work.seconds * 1000;
        const after = wires.filter(
            ({ target, sentAt, endedAt }) => target.includes("/jobs/") && sentAt > ended && endedAt <= submit.sentAt,
        );
        waits.push(submit.sentAt - ended);
        looks.push(after.length);
    });
    return {
        refusedAsBusy: wires.filter((wire) => isSubmit(wire) && wire.status === 400).length,
        secondsFromEndToSubmit: waits.reduce((sum, wait) => sum + wait, 0) / waits.length / 1000,
        mostLooksBetween: Math.max(...looks),
    };
};
