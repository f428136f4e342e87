import type { SubmitReply, TargetState } from "../../src/batch/api";
import { hasRefused } from "../../src/batch/session/session";
import type { Observe } from "../world/world";
import { serviceOf } from "./services";

/** What the batch engine was last told of a target, by one API in one process. */
export type Told = TargetState["is"] | "asked" | "unseen";

interface Memory {
    told: Told;
    /** Looks that began before this moment, in the order of events, say nothing of what was asked since. */
    askedUntil: number;
    /** It was asked for, and not surely refused. */
    asked: boolean;
    underWay: number;
    /** What each look told, in the order in which they came (virtual time). */
    readonly looks: Array<{ readonly at: number; readonly is: TargetState["is"] }>;
}

export interface InvariantMonitorOptions {
    readonly broken: (what: string) => void;
    /** Which of these are not at the action's end, nor were at any time since `since` (virtual time). */
    readonly stillThere: (service: string, keys: readonly string[], since: number) => Promise<readonly string[]>;
    readonly now: () => number;
    /** Whether two looks of one moment may tell different things of this target. */
    readonly looksMayDiffer: (service: string, key: string) => boolean;
}

/**
 * Sits between the batch engine and each service. Knows for each target what the engine was told last, and judges each
 * submit by it: what is in progress, or was asked for and not looked at since, must not be submitted.
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
        const { poll: look, prepare } = api;
        const isOver = (reply: SubmitReply) => prepare === undefined || !hasRefused(reply);
        /** A request is under way until its reply, or what the reply comes to, is known. */
        const answered = (keys: readonly string[], reply: SubmitReply | undefined) => {
            for (const key of keys) {
                const known = memory(key);
                known.underWay -= 1;
                if (reply?.is === "accepted" || reply?.is === "uncertain") {
                    known.told = "asked";
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
                    known.looks.push({ at: this.options.now(), is: state.is });
                    if (known.underWay === 0 && began >= known.askedUntil) {
                        known.told = state.is;
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
                    const excused = known.told === "settled" && this.options.looksMayDiffer(service, key);
                    if (known.told !== "ready" && !excused) {
                        this.options.broken(
                            `${service}: ${key} was submitted, though the last look told "${known.told}"`,
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
            ...(look === undefined ? {} : { poll: (jobs, signal) => look(jobs, signal) }),
        };
    };

    /** What was told last of a target in this process, by whichever of its APIs knows most. */
    told(process: number, service: string, key: string): Told {
        return this.of(process, service, key)?.told ?? "unseen";
    }

    asked(process: number, service: string, key: string): boolean {
        return this.of(process, service, key)?.asked ?? false;
    }

    /** Whether any API of this process was told between two moments that the target can't be submitted. */
    toldUnready(process: number, service: string, key: string, from: number, to: number): boolean {
        return this.allOf(process, service, key).some(({ looks }) =>
            looks.some(({ at, is }) => isUnready(is) && at >= from && at <= to),
        );
    }

    /** Whether the last look at a target, in an API of this process, had told before a moment that it is not to be submitted. */
    seenUnready(process: number, service: string, key: string, moment: number): boolean {
        return this.allOf(process, service, key).some(({ looks }) => {
            const last = looks.findLast(({ at }) => at < moment);
            // What came at the very moment may have come first.
            const news = looks.some(({ at }) => at === moment);
            return !news && last !== undefined && isUnready(last.is);
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
function isUnready(is: TargetState["is"]): boolean {
    return is === "inProgress" || is === "blocked";
}

function memoryOf(memories: Map<string, Memory>, scope: string): (key: string) => Memory {
    return (key) => {
        const name = `${scope}|${key}`;
        const known = memories.get(name) ?? {
            told: "unseen",
            askedUntil: 0,
            asked: false,
            underWay: 0,
            looks: [],
        };
        memories.set(name, known);
        return known;
    };
}
