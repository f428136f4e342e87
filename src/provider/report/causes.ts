import * as z from "zod";
import type { Problem } from "../../batch/api";
import type { RunReport } from "../../batch/outcome";
import { shortened } from "../../batch/problem";
import { forEachInChunks } from "../../util/chunks";
import type { Clock } from "../../util/clock";
import type { Targets } from "../targets";

/** How many ids of one cause outputs and messages name. */
export const IDS_SHOWN = 20;
const CAUSES_KEPT = 50;

/** Why several targets failed: the cloud's code and message, with the first ids. */
export const failureCauseSchema = z.object({
    code: z.string(),
    message: z.string(),
    /** Of the first request that got this answer. */
    requestId: z.string().exactOptional(),
    /** Only where one resource has several kinds of targets. */
    kind: z.string().exactOptional(),
    count: z.number(),
    /** The first ids. */
    ids: z.array(z.string()),
});

export type FailureCause = z.infer<typeof failureCauseSchema>;

/** One target that failed or is unknown. */
export interface Unsettled {
    readonly id: string;
    readonly kind?: string | undefined;
    readonly name?: string | undefined;
    readonly problem: Problem;
    readonly job?: string | undefined;
}

/** The targets whose messages differ only in names and request ids. */
export interface Cause {
    readonly kind: string | undefined;
    readonly code: string;
    message: string;
    readonly requestIds: Set<string>;
    readonly jobs: Set<string>;
    readonly ids: string[];
}

/** Groups failures by their cause. */
export class Causes {
    private readonly byLikeness = new Map<string, Cause>();
    /** Ids of targets whose causes are not kept. */
    readonly others: string[] = [];

    /** `isTarget`: whether an id in a message is that of another target. */
    constructor(private readonly isTarget: (id: string) => boolean = () => false) {}

    get size(): number {
        return this.byLikeness.size;
    }

    /** Largest first. */
    list(): readonly Cause[] {
        return [...this.byLikeness.values()].sort((a, b) => b.ids.length - a.ids.length);
    }

    add(one: Unsettled): void {
        const { id, kind, problem, job } = one;
        const text = withoutNames(one, this.isTarget);
        const likeness = JSON.stringify([kind, problem.code, text]);
        const known = this.byLikeness.get(likeness);
        if (known === undefined && this.byLikeness.size === CAUSES_KEPT) {
            this.others.push(id);
            return;
        }
        const message = shortened(problem.message);
        const cause = known ?? {
            kind,
            code: problem.code,
            message,
            requestIds: new Set(),
            jobs: new Set(),
            ids: [],
        };
        this.byLikeness.set(likeness, cause);
        cause.ids.push(id);
        if (cause.message !== message) {
            cause.message = shortened(text);
        }
        if (problem.requestId !== undefined) {
            cause.requestIds.add(problem.requestId);
        }
        if (job !== undefined) {
            cause.jobs.add(job);
        }
    }

    /** For the outputs: the causes, and how many targets failed for other causes. */
    outputs(): { failed: FailureCause[]; failedMore: number } {
        const failed = this.list().map(({ kind, code, message, requestIds, ids }): FailureCause => {
            const [requestId] = requestIds;
            return {
                code,
                message,
                ...(requestId === undefined ? {} : { requestId }),
                ...(kind === undefined ? {} : { kind }),
                count: ids.length,
                ids: ids.slice(0, IDS_SHOWN).sort(),
            };
        });
        return { failed, failedMore: this.others.length };
    }
}

/** Why targets of a run failed, and why others are unknown. */
export interface RunCauses {
    readonly failed: Causes;
    readonly unknown: Causes;
}

/** Groups the failed and the unknown targets of a run. Costs nothing if there are none. */
export async function causesOf(
    targets: Targets,
    { outcomes }: RunReport,
    howMany: { readonly failed: number; readonly unknown: number },
    clock: Clock,
): Promise<RunCauses> {
    const isTarget = (id: string) => targets.keysOf(id).some((key) => outcomes.has(key));
    const causes = { failed: new Causes(isTarget), unknown: new Causes(isTarget) };
    if (howMany.failed + howMany.unknown > 0) {
        await forEachInChunks(clock, outcomes, ([key, outcome]) => {
            if (outcome.is === "failed" || outcome.is === "unknown") {
                causes[outcome.is].add({ ...outcome, ...targets.named(key) });
            }
        });
    }
    return causes;
}

/** An id, as part of a text. */
const ID = /[A-Za-z0-9_-]+/g;
const REQUEST_ID = /(request[ _-]?id\W{1,4})[A-Za-z0-9-]{8,}/gi;

/** Removes names and request ids, so that messages which differ only in these have one cause. */
function withoutNames({ id, name, job, problem }: Unsettled, isTarget: (id: string) => boolean): string {
    const { requestId } = problem;
    const text = name === undefined || name === id ? problem.message : replaceWhole(problem.message, name, "<name>");
    return shortened(text)
        .replace(REQUEST_ID, "$1<request>")
        .replace(ID, (word) => {
            if (word === requestId) {
                return "<request>";
            }
            if (word === job) {
                return "<job>";
            }
            return word === id || isTarget(word) ? "<id>" : word;
        })
        .replace(/<id>(?:[\s,;'"]+<id>)+/g, "<ids>");
}

/** Replaces the name only where it is not part of a longer word. */
function replaceWhole(text: string, name: string, by: string): string {
    if (name === "" || !text.includes(name)) {
        return text;
    }
    const isPart = (letter: string | undefined) => letter !== undefined && /[A-Za-z0-9_-]/.test(letter);
    const parts = text.split(name);
    return parts.reduce((before, after) => {
        const whole = !isPart(before.at(-1)) && !isPart(after[0]);
        return `${before}${whole ? by : name}${after}`;
    });
}
