import type { Collection, Page } from "../../src/services/shared/inspection";

export interface Thing {
    readonly id: string;
}

/** A list that can be made to shift between calls. Counts the calls. */
export class ShiftingList {
    gets = 0;
    pages = 0;
    private readonly gone = new Set<string>();

    constructor(
        public ids: string[],
        private readonly options: {
            readonly pageSize: number;
            readonly noGet?: boolean;
            readonly lastOffset?: number;
            /** Called after each answer. */
            readonly shift?: (list: ShiftingList) => void;
            readonly lie?: (page: Page<Thing>, offset: number) => Page<Thing>;
        },
    ) {}

    remove(index: number): void {
        for (const id of this.ids.splice(index, 1)) {
            this.gone.add(id);
        }
    }

    wasRemoved(id: string): boolean {
        return this.gone.has(id);
    }

    readable(): Collection<Thing> {
        const { pageSize, noGet, lastOffset, shift, lie } = this.options;
        return {
            noun: "things",
            idOf: (thing) => thing.id,
            pageSize,
            concurrent: 4,
            ...(lastOffset === undefined ? {} : { lastOffset }),
            page: async (offset, limit) => {
                this.pages += 1;
                const items = this.ids.slice(offset, offset + limit).map((id) => ({ id }));
                const page = { total: this.ids.length, items };
                shift?.(this);
                return lie === undefined ? page : lie(page, offset);
            },
            ...(noGet
                ? {}
                : {
                      get: async (id: string) => {
                          this.gets += 1;
                          const there = this.ids.includes(id);
                          shift?.(this);
                          return there ? { id } : undefined;
                      },
                  }),
        };
    }
}
