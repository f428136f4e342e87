import { untilAborted } from "../../util/abort";
import { forEachInChunks } from "../../util/chunks";
import type { Clock } from "../../util/clock";
import { ApiFailure, type TargetState, type WholeList } from "../api";
import type { Poller } from "../polling/poller";
import type { TargetLedger } from "./target-ledger";

/** So long a whole list serves looks. Milliseconds. */
const KEPT_FOR = 60_000;
/** Fewer resources are asked about by themselves: nothing says that others will follow. */
const FEW = 4;
/** A whole list may cost so many times what looks have cost without it: as many targets again are to be expected. */
const WORTH = 2;

const SETTLED: TargetState = { is: "settled" };

/** What a whole list has shown. */
interface Kept {
    readonly states: ReadonlyMap<string, TargetState>;
    readonly until: number;
}

/** Looks that have come together, for which it is decided whether to read the whole list. */
interface Decision {
    targets: number;
    waiting: number;
    /** Aborts when no look waits for the list any more. */
    readonly abandoned: AbortController;
    made: Promise<void>;
}

/**
 * The looks of one session. A look is an inspection on the strength of which nothing is submitted: for a refresh, or a preview. The
 * engine reads a few resources at once and the next ones when it has their answers, so what is looked at together never fills a
 * request. Once there are many resources, one reading of the whole list serves them all, for a minute and while no run is under way.
 */
export class Looks {
    /** Each by its first target. */
    private readonly resources = new Set<string>();
    /** Calls of looks since the last whole list, about. */
    private spent = 0;
    /** Targets looked at that a whole list shows, and those that it does not. */
    private shown = 0;
    private notShown = 0;
    private kept: Kept | undefined;
    /** The list is not to be read for fewer calls than these. */
    private tooLong: { readonly calls: number; readonly until: number } | undefined;
    private decision: Decision | undefined;

    constructor(
        private readonly whole: WholeList | undefined,
        private readonly session: {
            readonly ledger: TargetLedger;
            readonly poller: Poller<TargetState>;
            readonly clock: Clock;
        },
    ) {}

    /** Calls `onState` once for each key. Rejects with the signal's reason, or with what kept it from looking. */
    async look(
        keys: readonly string[],
        onState: (key: string, state: TargetState) => void,
        signal: AbortSignal,
    ): Promise<void> {
        const { whole } = this;
        const [first] = keys;
        if (whole === undefined || first === undefined) {
            return this.inspect(keys, onState, signal);
        }
        this.resources.add(first);
        await this.decided(whole, keys, signal);
        const kept = this.current();
        if (kept === undefined) {
            return this.inspect(keys, onState, signal);
        }
        const others = whole.others === "settled" ? SETTLED : undefined;
        const open: string[] = [];
        await forEachInChunks(this.session.clock, keys, (key) => {
            const state = kept.states.get(key) ?? others;
            if (state === undefined) {
                open.push(key);
            } else {
                onState(key, state);
            }
        });
        this.shown += keys.length - open.length;
        return this.inspect(open, onState, signal);
    }

    /** Something is submitted: what the list has shown is out of date. */
    forget(): void {
        this.kept = undefined;
        this.decision?.abandoned.abort("what it shows is out of date");
    }

    private async inspect(
        keys: readonly string[],
        onState: (key: string, state: TargetState) => void,
        signal: AbortSignal,
    ): Promise<void> {
        const onEach = (key: string, state: TargetState) => {
            const isShown = this.whole?.others === "settled" || state.is !== "settled" || state.shown === true;
            this.shown += isShown ? 1 : 0;
            this.notShown += isShown ? 0 : 1;
            onState(key, state);
            return true;
        };
        await this.session.poller.poll(keys, onEach, { first: "now", onTrouble: "fail", signal });
    }

    private current(): Kept | undefined {
        const { ledger, clock } = this.session;
        if (this.kept !== undefined && (clock.now() >= this.kept.until || !ledger.isIdle)) {
            this.kept = undefined;
        }
        return this.kept;
    }

    /** Resolves once it is decided whether the whole list is read, and it has been. */
    private async decided(whole: WholeList, keys: readonly string[], signal: AbortSignal): Promise<void> {
        const decision = this.decision ?? this.begin(whole, keys);
        decision.targets += keys.length;
        decision.waiting += 1;
        try {
            await untilAborted(decision.made, signal);
        } finally {
            decision.waiting -= 1;
            if (decision.waiting === 0) {
                decision.abandoned.abort("nobody waits for it any more");
            }
        }
    }

    private begin(whole: WholeList, keys: readonly string[]): Decision {
        const made = Promise.withResolvers<void>();
        const decision: Decision = {
            targets: 0,
            waiting: 0,
            abandoned: new AbortController(),
            made: made.promise,
        };
        this.decision = decision;
        this.decide(whole, decision, keys)
            .finally(() => {
                this.decision = undefined;
            })
            .then(made.resolve, made.reject);
        return decision;
    }

    private async decide(whole: WholeList, decision: Decision, keys: readonly string[]): Promise<void> {
        const { clock, ledger } = this.session;
        // What comes together is decided together.
        await clock.yieldToEventLoop();
        if (this.resources.size < FEW || !ledger.isIdle || this.current() !== undefined) {
            return;
        }
        const now = clock.now();
        this.spent += whole.callsFor(decision.targets);
        const looked = this.shown + this.notShown;
        const most = looked === 0 ? WORTH * this.spent : (WORTH * this.spent * this.shown) / looked;
        if (most < 1 || (this.tooLong !== undefined && now < this.tooLong.until && most < this.tooLong.calls)) {
            return;
        }
        const until = now + KEPT_FOR;
        const { signal } = decision.abandoned;
        try {
            const reading = await whole.read(keys, most, signal);
            if (reading.is === "tooLong") {
                this.tooLong = { calls: reading.calls, until };
            } else if (reading.is === "changing") {
                this.tooLong = { calls: Number.POSITIVE_INFINITY, until };
            } else if (ledger.isIdle && !signal.aborted) {
                this.kept = { states: reading.states, until };
                this.spent = 0;
            }
        } catch (error) {
            if (signal.aborted) {
                return;
            }
            if (error instanceof ApiFailure && error.general) {
                throw error;
            }
            // The looks themselves tell what is wrong, if it is wrong for them too: a list may need another permission.
            this.tooLong = { calls: Number.POSITIVE_INFINITY, until };
        }
    }
}
