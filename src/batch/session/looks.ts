import { forEachInChunks } from "../../util/chunks";
import type { Clock } from "../../util/clock";
import { getOrCreate } from "../../util/get-or-create";
import { SingleFlight } from "../../util/single-flight";
import { ApiFailure, type TargetState, type WholeList, type WholeReading } from "../api";
import type { Poller } from "../polling/poller";
import type { TargetLedger } from "./target-ledger";

/** So long a whole list serves looks. Milliseconds. */
const KEPT_FOR = 60_000;
/** Fewer resources are asked about by themselves: nothing says that others will follow. */
const FEW = 4;
/** A whole list may cost so many times what looks have cost without it: as many targets again are to be expected. */
const WORTH = 2;

const ONCE = { first: "now", onTrouble: "fail" } as const;
const SETTLED: TargetState = { is: "settled" };

/** What a whole list has shown. */
interface Kept {
    states: ReadonlyMap<string, TargetState>;
    readonly until: number;
    /** Whether what it does not show is gone: "unasked" until that is first needed. */
    showsAll: "unasked" | boolean;
    /** Reads it again to find that out. */
    readonly confirm: SingleFlight<boolean>;
}

interface Inspecting {
    readonly ledger: TargetLedger;
    readonly poller: Poller<TargetState>;
    readonly clock: Clock;
}

type OnState = (key: string, state: TargetState) => void;

/**
 * Which absence counts. "kept": that from a list of the last minute. "now": none of a kept list, for the target may have been made since
 * that was read, and its user would be told that it is not there.
 */
export type AbsenceFrom = "kept" | "now";

/**
 * The looks of one session. A look is an inspection on the strength of which nothing is submitted: for a refresh, or a preview. The
 * engine reads a few resources at once and the next ones when it has their answers, so what is looked at together never fills a
 * request. Once there are many resources, one reading of the whole list serves them all, for a minute and while no run is under way.
 */
export class Looks {
    /** By kind. */
    private readonly lists = new Map<string, ListLooks>();

    constructor(
        private readonly whole: WholeList | undefined,
        private readonly session: Inspecting,
    ) {}

    /** Calls `onState` once for each key. Rejects with the signal's reason, or with what kept it from looking. */
    async look(
        keys: readonly string[],
        onState: OnState,
        signal: AbortSignal,
        absence: AbsenceFrom = "kept",
    ): Promise<void> {
        const { whole, session } = this;
        if (whole === undefined) {
            const onEach = (key: string, state: TargetState) => {
                onState(key, state);
                return true;
            };
            return session.poller.poll(keys, onEach, { ...ONCE, signal });
        }
        const kinds = whole.kindOf === undefined ? [["", keys] as const] : Map.groupBy(keys, whole.kindOf);
        await Promise.all(
            [...kinds].map(([kind, those]) => {
                const list = getOrCreate(this.lists, kind, () => new ListLooks(whole, kind, session));
                return list.look(those, onState, signal, absence);
            }),
        );
    }

    /** Something is submitted: what lists have shown is out of date. */
    forget(): void {
        for (const list of this.lists.values()) {
            list.forget();
        }
    }
}

/** Looks at the targets of one list. */
class ListLooks {
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
    /** Targets of the looks that have come together. */
    private asked = 0;
    /** How often what was seen went out of date. */
    private forgotten = 0;
    private readonly decision = new SingleFlight((signal) => this.decide(signal));

    constructor(
        private readonly whole: WholeList,
        private readonly kind: string,
        private readonly session: Inspecting,
    ) {}

    async look(keys: readonly string[], onState: OnState, signal: AbortSignal, absence: AbsenceFrom): Promise<void> {
        const [first] = keys;
        if (first === undefined) {
            return;
        }
        this.resources.add(first);
        this.asked += keys.length;
        // Whether the whole list is read, until it has been.
        await this.decision.get(signal);
        const kept = this.current();
        if (kept === undefined) {
            return this.inspect(keys, onState, signal);
        }
        const open: string[] = [];
        await forEachInChunks(this.session.clock, keys, (key) => {
            const state = kept.states.get(key);
            if (state === undefined) {
                open.push(key);
            } else {
                onState(key, state);
            }
        });
        this.shown += keys.length - open.length;
        if (open.length > 0 && absence === "kept" && (await this.showsAll(kept, signal))) {
            this.shown += open.length;
            return forEachInChunks(this.session.clock, open, (key) => onState(key, kept.states.get(key) ?? SETTLED));
        }
        return this.inspect(open, onState, signal);
    }

    forget(): void {
        this.kept = undefined;
        this.forgotten += 1;
    }

    private async inspect(keys: readonly string[], onState: OnState, signal: AbortSignal): Promise<void> {
        const onEach = (key: string, state: TargetState) => {
            const isShown = this.whole.others === "settled" || state.is !== "settled" || state.shown === true;
            this.shown += isShown ? 1 : 0;
            this.notShown += isShown ? 0 : 1;
            onState(key, state);
            return true;
        };
        await this.session.poller.poll(keys, onEach, { ...ONCE, signal });
    }

    private async showsAll(kept: Kept, signal: AbortSignal): Promise<boolean> {
        const showsAll = kept.showsAll === "unasked" ? await kept.confirm.get(signal) : kept.showsAll;
        return showsAll && this.current() === kept;
    }

    private current(): Kept | undefined {
        const { ledger, clock } = this.session;
        if (this.kept !== undefined && (clock.now() >= this.kept.until || !ledger.isIdle)) {
            this.kept = undefined;
        }
        return this.kept;
    }

    private async decide(signal: AbortSignal): Promise<void> {
        const { whole } = this;
        const { clock, ledger } = this.session;
        // What comes together is decided together.
        await clock.yieldToEventLoop();
        const targets = this.asked;
        this.asked = 0;
        if (this.resources.size < FEW || !ledger.isIdle || this.current() !== undefined) {
            return;
        }
        const now = clock.now();
        this.spent += whole.callsFor(targets);
        const looked = this.shown + this.notShown;
        const most = looked === 0 ? WORTH * this.spent : (WORTH * this.spent * this.shown) / looked;
        if (most < 1 || (this.tooLong !== undefined && now < this.tooLong.until && most < this.tooLong.calls)) {
            return;
        }
        const until = now + KEPT_FOR;
        const { forgotten } = this;
        try {
            const reading = await whole.read(this.kind, most, signal);
            if (reading.is === "tooLong") {
                this.tooLong = { calls: reading.calls, until };
            } else if (ledger.isIdle && this.forgotten === forgotten) {
                this.kept = keptOf(reading, until);
                this.spent = 0;
            }
        } catch (error) {
            if (signal.aborted) {
                return;
            }
            throwGeneral(error);
            this.tooLong = { calls: Number.POSITIVE_INFINITY, until };
        }
    }
}

/** Anything else the looks themselves tell, if it is wrong for them too: a list may need another permission. */
function throwGeneral(error: unknown): undefined {
    if (error instanceof ApiFailure && error.general) {
        throw error;
    }
    return undefined;
}

function keptOf({ states, confirm }: Extract<WholeReading, { is: "read" }>, until: number): Kept {
    const kept: Kept = {
        states,
        until,
        showsAll: confirm === undefined ? false : "unasked",
        confirm: new SingleFlight(async (signal) => {
            const newer = await confirm?.(signal).catch(throwGeneral);
            if (!signal.aborted) {
                kept.states = newer ?? states;
                kept.showsAll = newer !== undefined;
            }
            return newer !== undefined;
        }),
    };
    return kept;
}
