import type { RunEvent } from "../../batch/events";
import type { Outcome } from "../../batch/outcome";
import { problemText } from "../../batch/problem";
import type { CallRecord, TargetKinds } from "../call-record";
import type { Progress } from "../report/progress";
import type { Conceal } from "../report/secret-words";
import { type Row, type RowOwner, type RowPublisher, rowUrn } from "./rows";

/** Of the rows of a resource, this share is kept for targets that fail: which they are is not known at the start. */
const FOR_FAILURES = 0.5;

export interface LiveRowsOptions {
    readonly owner: RowOwner;
    readonly publisher: RowPublisher;
    readonly progress: Progress;
    /** What targets with secret ids are called. */
    readonly labels: ReadonlyMap<string, string>;
    readonly conceal: Conceal;
    readonly most: number;
}

/** A row for each target of a run, with what happens to it as its text. Beyond the first ones only what fails gets a row. */
export class LiveRows implements CallRecord {
    readonly failure: undefined;
    private readonly rows = new Map<string, Row>();
    private readonly published: Array<Promise<void>> = [];
    private targetCount = 0;
    private kinds: readonly string[] = [];

    constructor(private readonly options: LiveRowsOptions) {}

    place(): void {}

    async targets(keys: readonly string[], { kinds }: TargetKinds): Promise<void> {
        this.kinds = kinds;
        this.targetCount += keys.length;
        const atStart = Math.floor(this.options.most * (1 - FOR_FAILURES));
        const fits = this.targetCount <= this.options.most ? this.options.most : atStart;
        const first = keys.filter((key) => !this.rows.has(key)).slice(0, Math.max(0, fits - this.rows.size));
        await this.show(first);
        for (const key of first) {
            this.say(key, "inspecting");
        }
    }

    onEvent(event: RunEvent): void {
        switch (event.is) {
            case "observed":
                for (const [key, state] of event.states) {
                    if (state.is === "blocked") {
                        this.say(key, `waiting: ${state.reason}`);
                    }
                }
                break;
            case "submitting":
                this.sayAll(event.keys, "submitting");
                break;
            case "submitted":
                this.sayAll(event.keys, event.job === undefined ? "submitted" : `submitted, job ${event.job}`);
                break;
            case "blocked":
                this.sayAll(event.keys, `waiting: ${event.reason}`);
                break;
            case "settled":
                this.settled(event.key, event.outcome);
                break;
            case "inspected":
            case "busy":
            case "polled":
            case "jobEnded":
                break;
        }
    }

    identified(): void {}

    counted(): void {}

    ended(): void {}

    /** Call it before the hook answers: a row gets no text afterwards. */
    async end(): Promise<void> {
        const { owner, publisher, progress, most } = this.options;
        await Promise.all(this.published);
        const more = this.targetCount - this.rows.size;
        if (more > 0 && most > 0) {
            await publisher.publish(owner, [{ name: `and ${more} more`, outputs: { more } }]);
        }
        await Promise.all([...this.rows.values()].map((row) => progress.end(rowUrn(owner, row))));
    }

    private settled(key: string, outcome: Outcome): void {
        if (outcome.is !== "failed" && outcome.is !== "unknown") {
            this.say(key, OUTCOMES[outcome.is]);
            return;
        }
        const text = `${outcome.is}: ${problemText(outcome.problem)}`;
        if (this.rows.has(key) || this.rows.size >= this.options.most) {
            this.say(key, text);
            return;
        }
        this.published.push(this.show([key]).then(() => this.say(key, text)));
    }

    private async show(keys: readonly string[]): Promise<void> {
        const rows = keys.map((key) => ({ key, row: this.rowOf(key) }));
        for (const { key, row } of rows) {
            this.rows.set(key, row);
        }
        const { owner, publisher } = this.options;
        await publisher.publish(
            owner,
            rows.map(({ row }) => row),
        );
    }

    private rowOf(key: string): Row {
        const kind = this.kinds.find((each) => key.startsWith(`${each}:`));
        const id = this.options.labels.get(key) ?? (kind === undefined ? key : key.slice(kind.length + 1));
        return {
            name: kind === undefined ? id : `${kind}:${id}`,
            outputs: { id, ...(kind === undefined ? {} : { kind }) },
        };
    }

    private sayAll(keys: readonly string[], text: string): void {
        for (const key of keys) {
            this.say(key, text);
        }
    }

    private say(key: string, text: string): void {
        const row = this.rows.get(key);
        if (row !== undefined) {
            const { owner, progress, conceal } = this.options;
            progress.line(rowUrn(owner, row), () => conceal(text));
        }
    }
}

const OUTCOMES = {
    deleted: "deleted",
    alreadyGone: "already gone",
    done: "done",
    alreadyDone: "already done",
} as const;
