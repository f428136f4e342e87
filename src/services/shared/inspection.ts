import { type Problem, StillChanging, type TargetState } from "../../batch/api";
import { type Permission, unlessRefused } from "./permission";

/** How the API reads one kind of things. */
export interface Collection<T> {
    /** For messages: "image servers". */
    readonly noun: string;
    /** Reads one thing with one call; undefined: it does not exist. Left out if the API has no such call. */
    readonly get?: (id: string) => Promise<T | undefined>;
    /** The permission that `get` needs, for the message when it is refused. */
    readonly getNeeds?: Permission;
    /** Reads one page with one call; `offset` is a multiple of `limit`. */
    readonly page: (offset: number, limit: number) => Promise<Page<T>>;
    readonly idOf: (item: T) => string;
    /** Most things on one page. */
    readonly pageSize: number;
    /** Highest offset that the API accepts. */
    readonly lastOffset?: number;
    /** Most calls under way at once. */
    readonly concurrent: number;
}

export interface Page<T> {
    /** How many things the list has in all. */
    readonly total: number;
    readonly items: readonly T[];
}

/** What is known about the things from other calls. */
export interface Evidence {
    /** Ids that a job or an answer reported as done. */
    readonly reportedDone: ReadonlySet<string>;
    /** Ids that the same list (same filter, same identity) has shown in this process; `findByIds` adds to it. Left out: none. */
    readonly shown?: Set<string>;
}

export interface Found<T> {
    readonly things: ReadonlyMap<string, T>;
    /** Ids that no list shows and whose read by id is refused: nobody knows whether they exist. */
    readonly unseen: ReadonlyMap<string, Problem>;
}

/**
 * Finds things in the fewest calls: it reads the list, or each id by itself if that takes fewer calls. An id that is neither in `things`
 * nor in `unseen` does not exist.
 *
 * A list may be narrowed (by project, owner, role). So if the API has a `get`, absence from the list counts only for an id that the same
 * list has shown before; `get` decides for the others. Lists also shift while they are read. So absence counts only if `reportedDone` has
 * the id, or if a second reading agrees. If the list was seen to shift, `reportedDone` is not enough: the report may be wrong, and a page
 * may have skipped the thing. Throws StillChanging if the list can't be read completely and there is no `get`.
 */
export async function findByIds<T>(
    ids: readonly string[],
    readable: Collection<T>,
    { reportedDone, shown: shownBefore = new Set() }: Evidence,
): Promise<Found<T>> {
    const { get } = readable;
    const missing = new Set(ids);
    const things = new Map<string, T>();
    const refused = new Map<string, Problem>();
    let readToItsEnd = false;
    const show = (id: string, item: T) => {
        if (missing.delete(id)) {
            things.set(id, item);
            if (get !== undefined) {
                shownBefore.add(id);
            }
        }
    };
    const counts = (id: string) => get === undefined || shownBefore.has(id);
    const readLists = async (canGet: boolean) => {
        const getsAreCheaper = (pages: number) => canGet && missing.size <= pages;
        let earlier: Reading | undefined;
        let ended = false;
        for (let readings = 0; readings < MOST_READINGS; readings += 1) {
            const reading = await readList(readable, show, (left) => missing.size === 0 || getsAreCheaper(left));
            const agreed = earlier !== undefined && agree(earlier, reading);
            const trusted = reading.whole || (reading.complete && ended);
            const mayBeGone = [...missing].filter(counts);
            const open = mayBeGone.filter((id) => !agreed && !(trusted && reportedDone.has(id)));
            const stillOpen = new Set(open);
            for (const id of mayBeGone.filter((id) => !stillOpen.has(id))) {
                missing.delete(id);
            }
            ended ||= reading.complete;
            readToItsEnd ||= reading.complete;
            // An id that the list has never shown needs a get in any case.
            const getsAreBetter = canGet && (reading.beyondReach || open.length <= (reading.left || reading.pages));
            if (open.length === 0 || getsAreBetter) {
                return;
            }
            earlier = reading;
        }
        if (!canGet) {
            const message = `the list of ${readable.noun} changes faster than it can be read`;
            throw new StillChanging({ code: "ListKeepsChanging", message });
        }
    };

    if (missing.size > (get === undefined ? 0 : 1)) {
        await readLists(get !== undefined);
    }
    if (get !== undefined) {
        await forEachLimit([...missing], readable.concurrent, async (id) => {
            const item = await unlessRefused(readable.getNeeds, () => get(id));
            if (item.is === "refused") {
                refused.set(id, item.problem);
                return;
            }
            missing.delete(id);
            if (item.value !== undefined) {
                things.set(id, item.value);
            }
        });
        // An identity whose get is refused may still list.
        if (missing.size > 0 && (!readToItsEnd || [...missing].some(counts))) {
            await readLists(false);
        }
    }
    return { things, unseen: new Map([...refused].filter(([id]) => missing.has(id))) };
}

/** The state of an id that `findByIds` returned as unseen. */
export function unseenState(unseen: ReadonlyMap<string, Problem>, id: string): TargetState | undefined {
    const problem = unseen.get(id);
    return problem === undefined ? undefined : { is: "unseen", problem };
}

/** More than two readings are needed only while the list keeps changing. */
const MOST_READINGS = 4;

export interface Reading {
    /** Read to its end, no page shorter than its total implies, and at least as many different things as the smallest total. */
    readonly complete: boolean;
    /** Complete, and as many different things as every page's total: the list was not seen to shift. */
    readonly whole: boolean;
    /** The list is longer than the highest offset reaches. */
    readonly beyondReach: boolean;
    /** The most things that a page said there are. */
    readonly total: number;
    readonly pages: number;
    /** How many pages were not read. */
    readonly left: number;
    readonly seen: ReadonlySet<string>;
}

/**
 * Whether the earlier reading skipped nothing. A reading skips a thing only if another one vanishes from a page that was already read. So
 * it skipped nothing if the later reading still shows everything that the earlier one showed. A single page can't shift.
 */
export function agree(earlier: Reading, later: Reading): boolean {
    if (!earlier.whole || !later.whole) {
        return false;
    }
    return (earlier.pages === 1 && later.pages === 1) || [...earlier.seen].every((id) => later.seen.has(id));
}

/** Reads the first page, then the others in parallel, until the list ends or `enough` is true. `enough` gets the number of pages left. */
export async function readList<T>(
    readable: Omit<Collection<T>, "get" | "getNeeds">,
    show: (id: string, item: T) => void,
    enough: (pagesLeft: number) => boolean,
): Promise<Reading> {
    const { pageSize } = readable;
    const reach = readable.lastOffset === undefined ? Number.MAX_SAFE_INTEGER : readable.lastOffset + pageSize;
    const seen = new Set<string>();
    const totals = new Set<number>();
    let pages = 0;
    let ended = false;
    let gap = false;
    const take = async (offset: number) => {
        const page = await readable.page(offset, pageSize);
        pages += 1;
        totals.add(page.total);
        for (const item of page.items) {
            const id = readable.idOf(item);
            seen.add(id);
            show(id, item);
        }
        ended ||= page.items.length === 0;
        gap ||= page.items.length < Math.min(pageSize, page.total - offset);
    };
    const total = () => Math.max(...totals);
    const left = (next: number) => (ended ? 0 : Math.max(0, Math.ceil((Math.min(total(), reach) - next) / pageSize)));

    await take(0);
    let next = pageSize;
    while (left(next) > 0 && !enough(left(next))) {
        const known = seen.size;
        const from = next;
        const wave = Array.from({ length: Math.min(left(next), readable.concurrent) }, (_, i) => from + i * pageSize);
        next += wave.length * pageSize;
        await forEachLimit(wave, readable.concurrent, take);
        // A list that only repeats what it has shown would never end.
        if (seen.size === known) {
            ended = true;
            gap = true;
        }
    }
    const beyondReach = total() > reach;
    // Without a stable order, pages repeat some things and skip as many.
    const complete = left(next) === 0 && !gap && !beyondReach && seen.size >= Math.min(...totals);
    return {
        complete,
        whole: complete && totals.size === 1 && totals.has(seen.size),
        beyondReach,
        total: total(),
        pages,
        left: left(next),
        seen,
    };
}

/** Runs `work` for each item, at most `concurrent` at once. After the first failure nothing more begins; it is thrown when all running work has ended. */
export async function forEachLimit<T>(
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
