import type { BatchApi } from "../../src/batch/api";

/** The least a batch API can be: it deletes, names no jobs, and does what a test gives it to do. */
export function things(does: Pick<BatchApi, "inspect" | "submit"> & Partial<BatchApi>): BatchApi {
    return {
        name: "things",
        effect: "deletes",
        perRequest: 3,
        concurrentSubmits: 4,
        exclusive: false,
        polling: { first: 0, floor: 500, cap: 15_000 },
        settleWithin: 10_000,
        ...does,
    };
}
