import type { ListedKind } from "../../src/services/listed-kind";

/** For definitions whose targets are always named by their ids. */
export const listedNothing: ListedKind = {
    noun: "things",
    criteria: {},
    list: async () => undefined,
    mayNotShow: () => undefined,
};
