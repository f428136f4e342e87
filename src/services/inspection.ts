import { ApiFailure } from "../batch/api";

/** One kind of things as its API lets them be read. */
export interface Readable<T> {
    /** For messages: "image servers". */
    readonly noun: string;
    /** One call for one thing; undefined: there is none. Missing where the API has no such call. */
    readonly get?: (id: string) => Promise<T | undefined>;
    /** One call for one page; `offset` is a multiple of `limit`. */
    readonly page: (offset: number, limit: number) => Promise<Page<T>>;
    readonly idOf: (item: T) => string;
    /** Most things on one page. */
    readonly pageSize: number;
    /** Highest offset that the API takes. */
    readonly lastOffset?: number;
    /** Most calls under way at once. */
    readonly concurrent: number;
}

export interface Page<T> {
    /** How many things there are in all. */
    readonly total: number;
    readonly items: readonly T[];
}

/**
 * Finds things in as few calls as can be: the smaller of one get per id and reading the list. Ids missing in the answer
 * are not there. Absence in a list counts only when `attested` has the id, a get agrees, or a second reading does:
 * lists shift while they are read. Throws ApiFailure (not final) if the list can't be read whole and there is no get.
 */
export async function find<T>(
    ids: readonly string[],
    readable: Readable<T>,
    attested: ReadonlySet<string>,
): Promise<ReadonlyMap<string, T>> {
    const search = new Search(ids, readable);
    if (readable.get !== undefined && search.missing.size <= 1) {
        await search.getMissing();
        return search.found;
    }
    let earlier: Reading | undefined;
    for (let readings = 0; readings < MOST_READINGS && search.missing.size > 0; readings += 1) {
        const reading = await search.read();
        for (const id of reading.complete ? attested : []) {
            search.missing.delete(id);
        }
        if (earlier !== undefined && agree(earlier, reading)) {
            return search.found;
        }
        if (readable.get !== undefined && (search.missing.size <= reading.pages || reading.beyondReach)) {
            break;
        }
        earlier = reading;
    }
    if (search.missing.size > 0) {
        await search.getMissing();
    }
    return search.found;
}

/** More than two only while the list keeps changing. */
const MOST_READINGS = 4;

interface Reading {
    /** Read to its end, and no page was shorter than its own total says. */
    readonly complete: boolean;
    /** Complete, and as many different things as every page's total says: nothing was seen to shift. */
    readonly whole: boolean;
    /** The list is longer than the API's offsets go. */
    readonly beyondReach: boolean;
    readonly pages: number;
    readonly seen: ReadonlySet<string>;
}

/**
 * A page is skipped over a thing only when one read before it vanishes meanwhile: if all that the earlier reading
 * showed is still there in the later one, it skipped nothing. A single page can't shift.
 */
function agree(earlier: Reading, later: Reading): boolean {
    if (!earlier.whole || !later.whole) {
        return false;
    }
    return (earlier.pages === 1 && later.pages === 1) || isSubset(earlier.seen, later.seen);
}

function isSubset(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
    for (const id of part) {
        if (!whole.has(id)) {
            return false;
        }
    }
    return true;
}

class Search<T> {
    readonly found = new Map<string, T>();
    readonly missing: Set<string>;

    constructor(
        ids: readonly string[],
        private readonly readable: Readable<T>,
    ) {
        this.missing = new Set(ids);
    }

    async getMissing(): Promise<void> {
        const { get, noun } = this.readable;
        if (get === undefined) {
            throw new ApiFailure(
                { code: "ListKeepsChanging", message: `the list of ${noun} changes faster than it can be read` },
                false,
            );
        }
        await each([...this.missing], this.readable.concurrent, async (id) => {
            const item = await get(id);
            if (item !== undefined) {
                this.found.set(id, item);
            }
            this.missing.delete(id);
        });
    }

    /** Reads until all is found, the list ends, or gets for the rest are cheaper than the pages left. */
    async read(): Promise<Reading> {
        const { readable } = this;
        const seen = new Set<string>();
        const totals = new Set<number>();
        let pages = 0;
        let next = 0;
        let ended = false;
        let gap = false;
        const take = async (offset: number) => {
            const page = await readable.page(offset, readable.pageSize);
            pages += 1;
            totals.add(page.total);
            for (const item of page.items) {
                const id = readable.idOf(item);
                seen.add(id);
                if (this.missing.delete(id)) {
                    this.found.set(id, item);
                }
            }
            ended ||= page.items.length === 0;
            gap ||= page.items.length < Math.min(readable.pageSize, page.total - offset);
        };
        const reach = (readable.lastOffset ?? Number.MAX_SAFE_INTEGER - readable.pageSize) + readable.pageSize;
        const end = () => Math.min(Math.max(...totals), reach);
        const state = (): Reading => {
            const beyondReach = Math.max(...totals) > reach;
            const complete = (ended || next >= end()) && !gap && !beyondReach;
            return {
                complete,
                whole: complete && totals.size === 1 && totals.has(seen.size),
                beyondReach,
                pages,
                seen,
            };
        };

        await take(next);
        next += readable.pageSize;
        while (this.missing.size > 0 && !ended && next < end()) {
            const left = Math.ceil((end() - next) / readable.pageSize);
            if (readable.get !== undefined && this.missing.size <= left) {
                await this.getMissing();
                break;
            }
            const known = seen.size;
            const wave = Array.from(
                { length: Math.min(left, readable.concurrent) },
                (_, i) => next + i * readable.pageSize,
            );
            next += wave.length * readable.pageSize;
            await each(wave, readable.concurrent, take);
            // Pages that only repeat what was shown would go on for ever.
            if (seen.size === known) {
                break;
            }
        }
        return state();
    }
}

/** Runs `work` for each item, at most `concurrent` at once. The first failure stops what has not begun, and is thrown when the rest has ended. */
export async function each<T>(
    items: readonly T[],
    concurrent: number,
    work: (item: T) => Promise<void>,
): Promise<void> {
    let next = 0;
    let failed = false;
    const lane = async () => {
        while (next < items.length && !failed) {
            const item = items[next];
            next += 1;
            if (item === undefined) {
                continue;
            }
            try {
                await work(item);
            } catch (error) {
                failed = true;
                throw error;
            }
        }
    };
    const lanes = await Promise.allSettled(Array.from({ length: Math.min(concurrent, items.length) }, lane));
    for (const outcome of lanes) {
        if (outcome.status === "rejected") {
            throw outcome.reason;
        }
    }
}
