import { abortable } from "../../util/abort";
import type { CloudError } from "../errors";

/** What the answer to a request said of the identity that sent it. */
export type AuthOutcome =
    /** It was let in. */
    | { readonly is: "proven" }
    /** Nothing: the network failed, the gateway throttled, a server broke. */
    | { readonly is: "undecided" }
    /** A token was refused that can be replaced: what comes next is a first request again. */
    | { readonly is: "doubted" }
    /** Refused for good. */
    | { readonly is: "refused"; readonly error: CloudError };

/** The right to send one request. */
export interface Admission {
    /** False once what is known of the identity has changed since: then leave with "undecided", and enter again. */
    readonly valid: boolean;
    /** Called once, with what the answer said. */
    leave(outcome: AuthOutcome): void;
}

/**
 * Lets the first request of an identity go alone, and nothing after a refusal: more than five wrong signatures in a row
 * lock a key for five minutes, and eight hooks start at once.
 */
export class FirstRequestGate {
    private state: AuthOutcome = { is: "undecided" };
    private alone = false;
    private readonly waiting = new Set<() => void>();

    /** Why nothing more may be sent, once that is so. */
    get refusal(): CloudError | undefined {
        return this.state.is === "refused" ? this.state.error : undefined;
    }

    /** Resolves when a request may go; with undefined after a refusal. Rejects with the signal's reason. */
    async enter(signal: AbortSignal): Promise<Admission | undefined> {
        for (;;) {
            signal.throwIfAborted();
            if (this.state.is === "refused") {
                return undefined;
            }
            if (this.state.is === "proven") {
                const state = () => this.state.is;
                return {
                    get valid() {
                        return state() === "proven";
                    },
                    leave: (outcome) => this.take(outcome),
                };
            }
            if (!this.alone) {
                this.alone = true;
                return {
                    valid: true,
                    leave: (outcome) => {
                        this.alone = false;
                        this.take(outcome);
                        this.wake();
                    },
                };
            }
            await this.change(signal);
        }
    }

    private take(outcome: AuthOutcome): void {
        // A refusal is final, though the cloud may still let in requests that were under way.
        if (this.state.is === "refused" || outcome.is === "undecided") {
            return;
        }
        this.state = outcome;
    }

    /** Resolves when what the gate waits for has changed. */
    private change(signal: AbortSignal): Promise<void> {
        return abortable(signal, (resolve) => {
            const wake = () => {
                this.waiting.delete(wake);
                resolve();
            };
            this.waiting.add(wake);
            return () => this.waiting.delete(wake);
        });
    }

    private wake(): void {
        for (const wake of [...this.waiting]) {
            wake();
        }
    }
}
