import type { Clock } from "../../util/clock";
import { type Hold, Holders, type Holding, type PlacePattern } from "./holders";
import { hashedHolding, hashedKeys, hashedPlace, hashOf, type OperationJournal } from "./operation-journal";

export type { Holding, PlacePattern } from "./holders";

/** A delete that is about to act. */
export interface Deletion {
    /** From the outputs: after a rename it may still be the old one. */
    readonly urn: string;
    readonly id: string;
    readonly kind: string;
    readonly place: PlacePattern;
    readonly keys: readonly string[];
    /** Only holders of this resource count: for an act that takes nothing away from the others. */
    readonly onlyResource?: string | undefined;
    /** What makes way for its successor, because the cloud's name is unique, can't wait for what is declared later. */
    readonly deleteBeforeReplace: boolean;
}

export interface Judgement {
    /** Nobody declares them. */
    readonly free: readonly string[];
    /** Declared by another resource, or by this one anew. */
    readonly held: readonly string[];
    /** It can't be told. */
    readonly undecided: readonly string[];
    /** Of held and undecided ones. */
    readonly holders: { readonly held: readonly string[]; readonly undecided: readonly string[] };
    /** Why it can't be told. */
    readonly why: string | undefined;
}

const NOT_KNOWN_YET = "what it declares, or where, is not known yet";

/**
 * What the program of this operation declares, and which of it is not to be deleted by this operation's deletes.
 * The engine calls check for each declared resource of an `up` before it deletes what was dropped or replaced, and for none in a
 * destroy: there nothing is recorded, and so everything is deleted. Nothing recorded is ever withdrawn.
 */
export class Ownership {
    private readonly own = new Holders();
    private readonly others = new Holders();
    /** URNs that had their check, holders or not. */
    private readonly checked = new Set<string>();
    /** Replacements that are not made yet: a delete that comes now comes before later resources were checked. */
    private readonly awaitingCreate = new Set<string>();
    /** Compared before any check of it, as a dependent of what is replaced, and found to be replaced. */
    private readonly replacedUnchecked = new Set<string>();
    private readonly moved = new Set<string>();
    /** Ids that came from the state: they go with the old resource if it is replaced after all. */
    private readonly fromState = new Map<string, Holding>();
    /** The keys that were last recorded of a URN: most hooks of a resource say the same. */
    private readonly recorded = new Map<string, readonly string[]>();
    private programSeen = false;
    private updateSeen = false;
    private readonly registered = new Set<string>();
    private read = 0;

    constructor(
        private readonly clock: Clock,
        private readonly journal?: OperationJournal,
    ) {}

    /** `holding`: undefined for what acts only at create. `fresh`: there are no old inputs, it is made or replaced. */
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

    /** After a check of the same URN in this process: what its state adds, unless it is replaced. */
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

    /** Create and update know the place, and a batch task's id. */
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
            // `destroy --run-program`: the program declares it, and nothing was checked.
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
        if (early && !deleteBeforeReplace && !this.programSeen) {
            for (const key of keys) {
                if (!holds.has(key)) {
                    holds.set(key, { urn: "", certain: false });
                }
            }
        }
        return judgementOf(keys, holds, early);
    }

    /** What replaces it is in another place: it says so itself. */
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
            // This process knows better what its own resources came to.
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

    /** What the other processes of this operation wrote since it was last read; undefined if it could be read. */
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

function judgementOf(keys: readonly string[], holds: ReadonlyMap<string, Hold>, early: boolean): Judgement {
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
    const why = undecided.length === 0 ? undefined : early && holders.undecided.size === 0 ? later : NOT_KNOWN_YET;
    return { free, held, undecided, holders: { held: [...holders.held], undecided: [...holders.undecided] }, why };
}
