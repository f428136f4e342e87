import type { RunEvent } from "../../../batch/events";
import type { Outcome } from "../../../batch/outcome";
import type { Place } from "../../../cloud/call";
import { forEachChunk } from "../../../util/chunks";
import type { Clock } from "../../../util/clock";
import { clean } from "../../../util/text";
import type { CallRecord, TargetKinds } from "../../call-record";
import type { Conceal } from "../secret-words";
import { type HookName, KEYS_IN_LINE, LONGEST_ERROR, LONGEST_TEXT } from "./lines";
import type { ReportFile } from "./report-file";

export interface RecordedCall {
    readonly hook: HookName;
    readonly urn: string;
    readonly resource: string;
}

/** Begins the record of a call. Throws where the report can't be written: then nothing is to be sent. `conceal` is applied to every text. */
export function recordCall(file: ReportFile, clock: Clock, recorded: RecordedCall, conceal: Conceal): CallRecord {
    const call = file.newCall();
    file.append({ is: "hook", call, ...recorded });
    file.flush();
    return new FileRecord(file, clock, call, conceal);
}

class FileRecord implements CallRecord {
    private kinds: readonly string[] = [];
    /** Settled in the code that runs now, by what is written of them beside their keys. */
    private readonly settled = new Map<string, { readonly outcome: Outcome; readonly keys: string[] }>();

    constructor(
        private readonly file: ReportFile,
        private readonly clock: Clock,
        private readonly call: number,
        private readonly conceal: Conceal,
    ) {}

    get failure(): Error | undefined {
        return this.file.failure;
    }

    place({ region, projectId }: Place): void {
        const { call } = this;
        this.file.append({ is: "place", call, region: this.text(region), projectId: this.text(projectId) });
    }

    async targets(keys: readonly string[], { noun, kinds }: TargetKinds): Promise<void> {
        const { call } = this;
        this.kinds = kinds;
        await forEachChunk(this.clock, keys, (chunk) => {
            for (const some of this.inLines(chunk)) {
                this.file.append({ is: "targets", call, noun, kinds, keys: some });
            }
        });
        this.file.flush();
    }

    onEvent(event: RunEvent): void {
        const { call, file } = this;
        switch (event.is) {
            case "observed":
                this.observed(event.states);
                break;
            case "submitting":
                this.writeSettled();
                for (const keys of this.inLines(event.keys)) {
                    file.append({ is: "submitting", call, operation: event.operation, keys });
                }
                file.flush();
                break;
            case "submitted": {
                const { job, requestId } = event;
                const facts = {
                    ...(job === undefined ? {} : { job: this.text(job) }),
                    ...(requestId === undefined ? {} : { requestId: this.text(requestId) }),
                };
                for (const keys of this.inLines(event.keys)) {
                    file.append({ is: "submitted", call, keys, ...facts });
                }
                break;
            }
            case "jobEnded":
                file.append({ is: "jobEnded", call, job: this.text(event.job), status: this.text(event.status) });
                break;
            case "settled":
                this.settle(event.key, event.outcome);
                break;
            // Neither changes what is known of a target.
            case "inspected":
            case "busy":
            case "blocked":
            case "polled":
                break;
        }
    }

    identified(key: string, id: string): void {
        const { call } = this;
        this.file.append({ is: "identified", call, key: this.key(key), id: this.text(id) });
    }

    counted(counts: Readonly<Record<string, number>>): void {
        const { call } = this;
        this.file.append({ is: "counted", call, counts });
    }

    ended(error?: string): void {
        const { call } = this;
        this.writeSettled();
        this.file.append({
            is: "ended",
            call,
            ...(error === undefined ? {} : { error: clean(this.conceal(error), LONGEST_ERROR) }),
        });
    }

    /** Names are written where they are known. The name of a thing whose id is secret would tell which one it is. */
    private observed(states: Extract<RunEvent, { is: "observed" }>["states"]): void {
        const { call } = this;
        let names: Array<readonly [string, string]> = [];
        const write = () => {
            if (names.length > 0) {
                this.file.append({ is: "named", call, names });
                names = [];
            }
        };
        for (const [key, state] of states) {
            const name = "facts" in state ? state.facts?.name : undefined;
            const shown = this.key(key);
            if (name !== undefined && name !== "" && shown === key) {
                names.push([key, this.text(name)]);
            }
            if (names.length === KEYS_IN_LINE) {
                write();
            }
        }
        write();
    }

    /** Very many are settled at once: those of the same outcome share a line. */
    private settle(key: string, outcome: Outcome): void {
        const likeness = "problem" in outcome ? JSON.stringify([outcome.is, outcome.job, outcome.problem]) : outcome.is;
        const known = this.settled.get(likeness) ?? { outcome, keys: [] };
        if (this.settled.size === 0) {
            queueMicrotask(() => this.writeSettled());
        }
        this.settled.set(likeness, known);
        known.keys.push(this.key(key));
    }

    private writeSettled(): void {
        const { call } = this;
        for (const { outcome, keys } of this.settled.values()) {
            for (let from = 0; from < keys.length; from += KEYS_IN_LINE) {
                const some = keys.slice(from, from + KEYS_IN_LINE);
                this.file.append({ is: "settled", call, keys: some, ...this.facts(outcome) });
            }
        }
        this.settled.clear();
    }

    private facts(outcome: Outcome) {
        if (!("problem" in outcome)) {
            return { outcome: outcome.is };
        }
        const { is, job, problem } = outcome;
        const { code, message, requestId } = problem;
        return {
            outcome: is,
            code: this.text(code),
            message: this.text(message),
            ...(requestId === undefined ? {} : { requestId: this.text(requestId) }),
            ...(job === undefined ? {} : { job: this.text(job) }),
        };
    }

    private inLines(keys: readonly string[]): readonly string[][] {
        return Array.from({ length: Math.ceil(keys.length / KEYS_IN_LINE) }, (_, n) =>
            keys.slice(n * KEYS_IN_LINE, (n + 1) * KEYS_IN_LINE).map((key) => this.key(key)),
        );
    }

    private key(key: string): string {
        const kind = this.kinds.find((each) => key.startsWith(`${each}:`));
        return kind === undefined ? this.text(key) : `${kind}:${this.text(key.slice(kind.length + 1))}`;
    }

    private text(text: string): string {
        return clean(this.conceal(text), LONGEST_TEXT);
    }
}
