import type { SubmitReply, TargetState } from "../../src/batch/api";
import { hasRefused } from "../../src/batch/session/session";
import type { Observe } from "../world/world";
import { serviceOf } from "./services";

/** What one API in one process has shown the batch engine last of a target. "asked": a submit may have changed it since. */
export type LastShown = TargetState["is"] | "asked" | "unseen";

interface Memory {
    last: LastShown;
    /** Inspections that began before this event say nothing of what was submitted since. */
    askedUntil: number;
    /** It was submitted, and not surely refused. */
    asked: boolean;
    underWay: number;
    /** What each inspection showed, in the order of their ends (virtual time). */
    readonly inspections: Array<{ readonly at: number; readonly is: TargetState["is"] }>;
}

export interface InvariantMonitorOptions {
    readonly broken: (what: string) => void;
    /** Those of these that are not settled, and were not at any time since `since` (virtual time). */
    readonly stillThere: (service: string, keys: readonly string[], since: number) => Promise<readonly string[]>;
    readonly now: () => number;
}

/**
 * Stands between the batch engine and each service. Knows for each target what the engine was shown last, and judges each
 * submit by it: what was not shown ready, or was submitted and not inspected since, must not be submitted.
 */
export class InvariantMonitor {
    private readonly memories = new Map<string, Memory>();
    private order = 0;
    private apis = 0;

    constructor(private readonly options: InvariantMonitorOptions) {}

    readonly observe: Observe = (api, { resource, variant, process }) => {
        const service = serviceOf(resource, variant).name;
        this.apis += 1;
        const memory = memoryOf(this.memories, `${process}|${service}|${this.apis}`);
        const { poll, prepare } = api;
        const isOver = (reply: SubmitReply) => prepare === undefined || !hasRefused(reply);
        /** A request is under way until its reply, or what the reply comes to, is known. */
        const answered = (keys: readonly string[], reply: SubmitReply | undefined) => {
            for (const key of keys) {
                const known = memory(key);
                known.underWay -= 1;
                if (reply?.is === "accepted" || reply?.is === "uncertain") {
                    known.last = "asked";
                    known.asked = true;
                    known.askedUntil = this.order;
                }
            }
        };
        return {
            ...api,
            inspect: async (keys, options) => {
                const began = this.order++;
                const since = this.options.now();
                const states = await api.inspect(keys, options);
                for (const key of keys.filter((key) => !states.has(key))) {
                    this.options.broken(`${service}: an inspection says nothing of ${key}`);
                }
                // It may show more than was asked for, and that counts as well.
                for (const [key, state] of states) {
                    const known = memory(key);
                    known.inspections.push({ at: this.options.now(), is: state.is });
                    if (known.underWay === 0 && began >= known.askedUntil) {
                        known.last = state.is;
                    }
                }
                const gone = keys.filter((key) => states.get(key)?.is === "settled");
                for (const key of await this.options.stillThere(service, gone, since)) {
                    this.options.broken(`${service}: an inspection says that ${key} is gone, and it is there`);
                }
                return states;
            },
            submit: async (keys, signal) => {
                for (const key of keys) {
                    const known = memory(key);
                    if (known.last !== "ready") {
                        this.options.broken(
                            `${service}: ${key} was submitted, though the last inspection showed "${known.last}"`,
                        );
                    }
                    known.underWay += 1;
                }
                let reply: SubmitReply | undefined;
                try {
                    reply = await api.submit(keys, signal);
                    return reply;
                } finally {
                    if (reply === undefined || isOver(reply)) {
                        answered(keys, reply);
                    }
                }
            },
            ...(prepare === undefined
                ? {}
                : {
                      prepare: async (keys, first, signal) => {
                          let reply: SubmitReply | undefined;
                          try {
                              reply = await prepare(keys, first, signal);
                              return reply;
                          } finally {
                              answered(keys, reply);
                          }
                      },
                  }),
            ...(poll === undefined ? {} : { poll: (jobs, signal) => poll(jobs, signal) }),
        };
    };

    /** What was shown last of a target in this process, by the first of its APIs that knows the target. */
    lastShown(process: number, service: string, key: string): LastShown {
        return this.of(process, service, key)?.last ?? "unseen";
    }

    asked(process: number, service: string, key: string): boolean {
        return this.of(process, service, key)?.asked ?? false;
    }

    /** Whether any API of this process showed the target in deletion, or not ready for it, between two moments. */
    wasUnready(process: number, service: string, key: string, from: number, to: number): boolean {
        return this.allOf(process, service, key).some(({ inspections }) =>
            inspections.some(({ at, is }) => isUnreadyState(is) && at >= from && at <= to),
        );
    }

    /** Whether the last inspection before a moment, by an API of this process, showed the target in deletion, or not ready for it. */
    isUnready(process: number, service: string, key: string, moment: number): boolean {
        return this.allOf(process, service, key).some(({ inspections }) => {
            const last = inspections.findLast(({ at }) => at < moment);
            // Excused: an inspection that ended at the very moment may have ended first.
            const news = inspections.some(({ at }) => at === moment);
            return !news && last !== undefined && isUnreadyState(last.is);
        });
    }

    private of(process: number, service: string, key: string): Memory | undefined {
        return this.allOf(process, service, key)[0];
    }

    private allOf(process: number, service: string, key: string): readonly Memory[] {
        const names = Array.from({ length: this.apis }, (_, n) => `${process}|${service}|${n + 1}|${key}`);
        return names.flatMap((name) => this.memories.get(name) ?? []);
    }
}

/** In deletion, or not ready for it. */
function isUnreadyState(is: TargetState["is"]): boolean {
    return is === "inProgress" || is === "blocked";
}

function memoryOf(memories: Map<string, Memory>, scope: string): (key: string) => Memory {
    return (key) => {
        const name = `${scope}|${key}`;
        const known = memories.get(name) ?? {
            last: "unseen",
            askedUntil: 0,
            asked: false,
            underWay: 0,
            inspections: [],
        };
        memories.set(name, known);
        return known;
    };
}
