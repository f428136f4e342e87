import * as z from "zod";

/** Something that a service wants to happen later. Plain data, so that a world can be saved and restored. */
export const eventSchema = z.object({
    at: z.number(),
    order: z.number(),
    service: z.string(),
    event: z.string(),
    project: z.string(),
    subject: z.string(),
});
export type AgendaEvent = z.infer<typeof eventSchema>;

const before = (a: AgendaEvent, b: AgendaEvent): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap by time; events of the same time keep the order in which they were added. */
export class Agenda {
    private readonly heap: AgendaEvent[] = [];
    private order = 0;

    add(event: Omit<AgendaEvent, "order">): void {
        this.order += 1;
        const heap = this.heap;
        const added = { ...event, order: this.order };
        let at = heap.push(added) - 1;
        while (at > 0) {
            const above = (at - 1) >> 1;
            const parent = heap[above];
            if (parent === undefined || !before(added, parent)) {
                break;
            }
            heap[at] = parent;
            at = above;
        }
        heap[at] = added;
    }

    /** The first event that is due by `now`, taken off the agenda. */
    takeDue(now: number): AgendaEvent | undefined {
        const first = this.heap[0];
        if (first === undefined || first.at > now) {
            return undefined;
        }
        const last = this.heap.pop();
        if (last !== undefined && this.heap.length > 0) {
            this.sink(last);
        }
        return first;
    }

    list(): AgendaEvent[] {
        return [...this.heap].sort((a, b) => (before(a, b) ? -1 : 1));
    }

    private sink(event: AgendaEvent): void {
        const heap = this.heap;
        let at = 0;
        for (;;) {
            let child = 2 * at + 1;
            let smaller = heap[child];
            const right = heap[child + 1];
            if (smaller === undefined) {
                break;
            }
            if (right !== undefined && before(right, smaller)) {
                child += 1;
                smaller = right;
            }
            if (!before(smaller, event)) {
                break;
            }
            heap[at] = smaller;
            at = child;
        }
        heap[at] = event;
    }
}
