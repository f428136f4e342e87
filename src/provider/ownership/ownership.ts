import type { Clock } from "../../util/clock";
import { type Hold, Holders, type Holding, type PlacePattern, type RuleHold } from "./holders";
import { hashedHolding, hashedKeys, hashedPlace, hashOf, type OperationJournal } from "./operation-journal";
import { addHoldsOfRules, type MatchedNow } from "./rule-holds";

export type { Holding, PlacePattern } from "./holders";

/** A delete that is about to act. */
export interface Deletion {
    /** From the outputs: after a rename it may still be the old URN. */
    readonly urn: string;
    readonly id: string;
    readonly kind: string;
    readonly place: PlacePattern;
    readonly keys: readonly string[];
    /** Only holders of this resource type count. For actions that do not take the thing away from other holders. */
    readonly onlyResource?: string | undefined;
    /** The cloud's name is unique, so this delete comes before its replacement's create and can't wait for later declarations. */
    readonly deleteBeforeReplace: boolean;
    /** Asked only where a declared rule may hold some of the keys. */
    readonly matchedNow: MatchedNow;
}

export interface Judgement {
    /** Keys that no resource declares. */
    readonly free: readonly string[];
    /** Keys that another resource declares, or this one again. */
    readonly held: readonly string[];
    /** Keys that may be declared. */
    readonly undecided: readonly string[];
    /** URNs of the holders of held and of undecided keys. */
    readonly holders: { readonly held: readonly string[]; readonly undecided: readonly string[] };
    /** Why keys are undecided. */
    readonly why: string | undefined;
}

const NOT_KNOWN_YET = "what it declares, or where, is not known yet";

/**
 * Records what the program of this operation declares, and decides which keys this operation's deletes must leave alone.
 * In an `up` the engine calls check for each declared resource before it deletes what was dropped or replaced. In a destroy it calls
 * check for none: nothing is recorded, so everything is deleted. A record is never withdrawn.
 */
export class Ownership {
    private readonly own = new Holders();
    private readonly others = new Holders();
    /** URNs that were checked, holders or not. */
    private readonly checked = new Set<string>();
    /** URNs that were checked as new and not created yet: a delete of such a URN comes before later resources are checked. */
    private readonly awaitingCreate = new Set<string>();
    /** URNs that a diff before any check found to be replaced: the engine compares the dependents of a replaced resource first. */
    private readonly replacedUnchecked = new Set<string>();
    private readonly moved = new Set<string>();
    /** Ids from the state. If the resource is replaced after all, they belong to the old one. */
    private readonly fromState = new Map<string, Holding>();
    /** The keys last recorded for a URN: most hooks of a resource record the same ones. */
    private readonly recorded = new Map<string, readonly string[]>();
    private programSeen = false;
    private updateSeen = false;
    private readonly registered = new Set<string>();
    private read = 0;

    constructor(
        private readonly clock: Clock,
        private readonly journal?: OperationJournal,
    ) {}

    /**
     * Whether this process serves a resource that the program declares: then its provider stays until the operation ends. One that only
     * deletes may go before, with its last resource.
     */
    get servesDeclared(): boolean {
        return this.checked.size > 0;
    }

    /** `holding`: undefined for what acts only at create. `fresh`: there are no old inputs, so it is created or replaced. */
    async onCheck(urn: string, fresh: boolean, holding: Holding | undefined): Promise<void> {
        const fromState = this.fromState.get(urn);
        if (fresh && fromState !== undefined) {
            this.own.excludeKeys(fromState.kind, urn, fromState.keys ?? []);
            this.fromState.delete(urn);
            this.recorded.delete(urn);
        }
        this.checked.add(urn);
        if (fresh) {
            this.awaitingCreate.add(urn);
        }
        if (holding !== undefined) {
            await this.record(holding);
        }
    }

    /** Records what the state adds, if the URN was checked in this process and is not replaced. */
    async onDiff(urn: string, replaces: readonly string[], holding: Holding | undefined): Promise<void> {
        const elsewhere = replaces.some((input) => input !== "profile" && input !== "adopt");
        if (elsewhere) {
            this.moved.add(urn);
        }
        if (!this.checked.has(urn)) {
            if (replaces.length > 0) {
                this.replacedUnchecked.add(urn);
            }
            return;
        }
        if (replaces.length === 0 && holding !== undefined) {
            if (holding.keys !== undefined) {
                this.fromState.set(urn, holding);
            }
            await this.record(holding);
        }
    }

    /** Records the place and a batch task's id, which create and update know. */
    async onMade(urn: string, holding: Holding | undefined): Promise<void> {
        this.awaitingCreate.delete(urn);
        if (holding !== undefined) {
            await this.record(holding);
        }
    }

    async judge(deletion: Deletion): Promise<Judgement> {
        const { urn, id, kind, place, keys, onlyResource, deleteBeforeReplace } = deletion;
        const trouble = await this.readJournal();
        const updating = this.checked.size > 0 || this.replacedUnchecked.size > 0 || this.updateSeen;
        if (trouble?.is === "noPlace" && !updating) {
            throw new Error(
                `it can't be told whether other resources of this program declare the same, for ${trouble.why}: ` +
                    "nothing was deleted. Remove it, or set TMPDIR to a directory of your own, then run the same command again",
            );
        }
        if (trouble !== undefined) {
            return undecidedAll(keys, trouble.why);
        }
        if (!updating && this.registered.has(hashOf("registered", urn, id))) {
            // `destroy --run-program`: the program declares it, and the engine checks nothing.
            return { free: keys, held: [], undecided: [], holders: { held: [], undecided: [] }, why: undefined };
        }
        const early = this.awaitingCreate.has(urn) || this.replacedUnchecked.has(urn);
        const ignoreIncomplete = early && deleteBeforeReplace;
        const holds = this.own.holdsOf({
            kind,
            place,
            keys,
            onlyResource,
            ignoreIncomplete,
            skip: this.skipMoved(urn),
        });
        await this.addHoldsOfOthers(deletion, ignoreIncomplete, holds);
        const notTold = await addHoldsOfRules(this.rulesIn(deletion), deletion, holds);
        if (early && !deleteBeforeReplace && !this.programSeen) {
            for (const key of keys) {
                if (!holds.has(key)) {
                    holds.set(key, { urn: "", certain: false });
                }
            }
        }
        return judgementOf(keys, holds, { early, notTold });
    }

    /** The declared rules that may match in the place of a delete. */
    private rulesIn({ urn, kind, place, onlyResource }: Deletion): readonly RuleHold[] {
        const isMoved = this.skipMoved(urn);
        const own = this.own.rulesIn({ kind, place, onlyResource, skip: isMoved });
        const skip = (holder: string) => isMoved(holder) || this.own.isSettled(kind, holder);
        return [...own, ...this.others.rulesIn({ kind, place: hashedPlace(place), onlyResource, skip })];
    }

    /** Skips the holder of the same URN if its replacement is in another place. */
    private skipMoved(urn: string): (holder: string) => boolean {
        return this.moved.has(urn) ? (holder) => holder === urn : () => false;
    }

    private async addHoldsOfOthers(
        { urn, kind, place, keys, onlyResource }: Deletion,
        ignoreIncomplete: boolean,
        holds: Map<string, Hold>,
    ): Promise<void> {
        if (!this.programSeen && !this.updateSeen) {
            return;
        }
        const isMoved = this.skipMoved(urn);
        const hashes = await hashedKeys(this.clock, kind, keys);
        const found = this.others.holdsOf({
            kind,
            place: hashedPlace(place),
            keys: hashes,
            onlyResource,
            ignoreIncomplete,
            // What this process knows of its own resources is more exact.
            skip: (holder) => isMoved(holder) || this.own.isSettled(kind, holder),
        });
        for (const [n, hash] of hashes.entries()) {
            const hold = found.get(hash);
            const key = keys[n];
            if (hold !== undefined && key !== undefined && holds.get(key)?.certain !== true) {
                holds.set(key, hold);
            }
        }
    }

    private async record({ keys, ...rest }: Holding): Promise<void> {
        const known = this.recorded.get(rest.urn);
        const isNew =
            keys !== undefined && !(known?.length === keys.length && known.every((key, n) => key === keys[n]));
        const news = isNew ? { ...rest, keys } : rest;
        if (isNew) {
            this.recorded.set(rest.urn, keys);
        }
        this.own.add(news);
        if (this.journal !== undefined) {
            await this.journal.append({ by: "provider", ...(await hashedHolding(this.clock, news)) });
        }
    }

    /** Reads what the other processes of this operation wrote since the last read. Returns the problem, or undefined. */
    private async readJournal(): Promise<{ readonly is: "unreadable" | "noPlace"; readonly why: string } | undefined> {
        const answer = await this.journal?.readOthers();
        if (answer === undefined || answer.is !== "read") {
            return answer;
        }
        for (const { by, registered, urn, kind, resource, ...rest } of answer.lines.slice(this.read)) {
            this.programSeen ||= by === "program";
            this.updateSeen ||= by === "provider";
            if (registered !== undefined) {
                this.registered.add(registered);
            }
            if (kind !== undefined && resource !== undefined) {
                this.others.add({ urn, kind, resource, ...rest });
            }
        }
        this.read = answer.lines.length;
        return undefined;
    }
}

function undecidedAll(keys: readonly string[], why: string): Judgement {
    return { free: [], held: [], undecided: keys, holders: { held: [], undecided: [] }, why };
}

/** `notTold`: why what a rule matches is not known. */
function judgementOf(
    keys: readonly string[],
    holds: ReadonlyMap<string, Hold>,
    { early, notTold }: { readonly early: boolean; readonly notTold: string | undefined },
): Judgement {
    if (holds.size === 0) {
        return { free: keys, held: [], undecided: [], holders: { held: [], undecided: [] }, why: undefined };
    }
    const free: string[] = [];
    const held: string[] = [];
    const undecided: string[] = [];
    const holders = { held: new Set<string>(), undecided: new Set<string>() };
    for (const key of keys) {
        const hold = holds.get(key);
        if (hold === undefined) {
            free.push(key);
            continue;
        }
        (hold.certain ? held : undecided).push(key);
        if (hold.urn !== "") {
            (hold.certain ? holders.held : holders.undecided).add(hold.urn);
        }
    }
    const later = "it is deleted before the program has declared all its resources";
    const known = early && holders.undecided.size === 0 ? later : (notTold ?? NOT_KNOWN_YET);
    const why = undecided.length === 0 ? undefined : known;
    return { free, held, undecided, holders: { held: [...holders.held], undecided: [...holders.undecided] }, why };
}
