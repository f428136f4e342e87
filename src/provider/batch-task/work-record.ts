import { announcing, type CloudClient } from "../../cloud/call";
import type { Connection } from "../../cloud/cloud";
import type { CallRecord } from "../call-record";
import { Incomplete } from "../hooks";
import { cloudErrorOf, errorText } from "../report/error-text";

/** Stands for a batch task that has no id yet. */
const NEW = "(new)";

export interface WorkRecordFacts {
    /** Undefined: it is to be made. */
    readonly id: string | undefined;
    readonly name: string | undefined;
    /** Whether the hook's time was up, or the operation was cancelled. */
    readonly isCutShort: () => boolean;
}

/**
 * What one hook does to its batch task, for the report: each change of it, and one outcome at the end. "unknown": the last change was
 * perhaps done, or no time was left to see what became of it.
 */
export class WorkRecord {
    private key: string;
    private isChanged = false;
    private isUncertain = false;

    constructor(
        private readonly record: CallRecord,
        private readonly facts: WorkRecordFacts,
    ) {
        this.key = facts.id ?? NEW;
    }

    /** Records what the work over this connection changes, and its end. `identified` is for the id of one that was made. */
    async during<T>(
        connection: Connection,
        work: (recorded: Connection, identified: (id: string) => void) => Promise<T>,
    ): Promise<T> {
        const { name } = this.facts;
        this.record.place(connection.place);
        await this.record.targets([this.key], { noun: "batch task", kinds: [] });
        if (name !== undefined) {
            this.record.onEvent({ is: "observed", states: [[this.key, { is: "ready", facts: { name } }]] });
        }
        const recorded: Connection = { ...connection, client: (service) => this.recording(connection.client(service)) };
        try {
            const result = await work(recorded, (id) => this.identified(id));
            const outcome = { is: this.isChanged ? "done" : "alreadyDone" } as const;
            this.record.onEvent({ is: "settled", key: this.key, outcome });
            return result;
        } catch (error) {
            this.failed(error);
            throw error;
        }
    }

    private identified(id: string): void {
        this.record.identified(this.key, id);
        this.key = id;
    }

    private recording(client: CloudClient): CloudClient {
        const announced = announcing(client, ({ operation }) => {
            this.record.onEvent({ is: "submitting", keys: [this.key], operation });
            this.isChanged = true;
        });
        return {
            ...announced,
            send: async (call, signal) => {
                try {
                    const result = await announced.send(call, signal);
                    if (call.effect === "changes") {
                        this.isUncertain = false;
                        const { requestId } = result;
                        const facts = requestId === undefined ? {} : { requestId };
                        this.record.onEvent({ is: "submitted", keys: [this.key], ...facts });
                    }
                    return result;
                } catch (error) {
                    if (call.effect === "changes") {
                        this.isUncertain = cloudErrorOf(error)?.kind === "uncertain";
                    }
                    throw error;
                }
            },
        };
    }

    private failed(error: unknown): void {
        const cloudError = cloudErrorOf(error);
        const code = cloudError?.code ?? (error instanceof Incomplete ? "Incomplete" : "Failed");
        const requestId = cloudError?.requestId;
        const problem = { code, message: errorText(error), ...(requestId === undefined ? {} : { requestId }) };
        const isOpen = this.isUncertain || (this.isChanged && this.facts.isCutShort());
        const outcome = { is: isOpen ? "unknown" : "failed", problem } as const;
        this.record.onEvent({ is: "settled", key: this.key, outcome });
    }
}
