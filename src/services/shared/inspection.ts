import { type Problem, StillChanging, type TargetState } from "../../batch/api";
import { type Permission, unlessRefused } from "./permission";

/** One kind of things as its API lets them be read. */
export interface Collection<T> {
    /** For messages: "image servers". */
    readonly noun: string;
    /** One call for one thing; undefined: there is none. Missing where the API has no such call. */
    readonly get?: (id: string) => Promise<T | undefined>;
    /** What allows `get`, for whom it is refused. */
    readonly getNeeds?: Permission;
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

/** What is known of the things from elsewhere. */
export interface Evidence {
    /** Something says that they are gone: a job, an answer. */
    readonly reportedDone: ReadonlySet<string>;
    /** Ids that this very list (its filter, this identity) has shown in this process; `find` adds to it. Left out: none. */
    readonly shown?: Set<string>;
}

export interface Found<T> {
    readonly things: ReadonlyMap<string, T>;
    /** No list shows them, and reading them by their ids is refused: whether they are there is not known. */
    readonly unseen: ReadonlyMap<string, Problem>;
}

/**
 * Finds things in as few calls as can be: the smaller of one get per id and reading the list. Ids in neither part of the
 * answer are not there.
 *
 * A list may be narrowed (by project, owner, role): where there is a get, absence in the list counts only for what this
 * list has shown before, else the get tells. Even then it counts only when `reportedDone` has the id, or a second reading
 * agrees: lists shift while they are read. Where one was seen to shift, what attests is not enough either: it may be wrong,
 * and a page may have skipped the thing. Throws StillChanging if the list can't be read whole and there is no get.
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
            // What the list has never shown is got in any case.
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
        // Who may not get may list all the same.
        if (missing.size > 0 && (!readToItsEnd || [...missing].some(counts))) {
            await readLists(false);
        }
    }
    return { things, unseen: new Map([...refused].filter(([id]) => missing.has(id))) };
}

/** For those that `find` calls unseen. */
export function unseenState(unseen: ReadonlyMap<string, Problem>, id: string): TargetState | undefined {
    const problem = unseen.get(id);
    return problem === undefined ? undefined : { is: "unseen", problem };
}

/** More than two only while the list keeps changing. */
const MOST_READINGS = 4;

interface Reading {
    /** Read to its end, no page was shorter than its own total says, and as many different things as the smallest of them. */
    readonly complete: boolean;
    /** Complete, and as many different things as every page's total says: nothing was seen to shift. */
    readonly whole: boolean;
    /** The list is longer than the API's offsets go. */
    readonly beyondReach: boolean;
    readonly pages: number;
    /** Pages not read. */
    readonly left: number;
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
    return (earlier.pages === 1 && later.pages === 1) || [...earlier.seen].every((id) => later.seen.has(id));
}

/** Reads page by page, those after the first in parallel, until there is `enough` (asked with the pages left) or the list ends. */
async function readList<T>(
    readable: Collection<T>,
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
        // Pages that only repeat what was shown would go on for ever.
        if (seen.size === known) {
            ended = true;
            gap = true;
        }
    }
    const beyondReach = total() > reach;
    // Pages in an order of their own repeat some things and skip as many.
    const complete = left(next) === 0 && !gap && !beyondReach && seen.size >= Math.min(...totals);
    return {
        complete,
        whole: complete && totals.size === 1 && totals.has(seen.size),
        beyondReach,
        pages,
        left: left(next),
        seen,
    };
}

/** Runs `work` for each item, at most `concurrent` at once. The first failure stops what has not begun, and is thrown when the rest has ended. */
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
