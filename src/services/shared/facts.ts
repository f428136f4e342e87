import type { TargetFacts } from "../../batch/api";
import { clean } from "../../util/text";
import { timeRange } from "./time";

/** As an answer shows them. */
export interface ShownFacts {
    readonly name?: string | undefined;
    readonly status?: string | undefined;
    /** The time of creation as the cloud prints it. */
    readonly created?: string | number | undefined;
}

/** To be spread into a target state: nothing where the answer shows no fact. */
export function withFacts(shown: ShownFacts): { readonly facts?: TargetFacts } {
    const facts = factsOf(shown);
    return facts === undefined ? {} : { facts };
}

export function factsOf({ name, status, created }: ShownFacts): TargetFacts | undefined {
    const createdAt = timeRange(created);
    if (!name && !status && createdAt === undefined) {
        return undefined;
    }
    return {
        ...(name ? { name: clean(name, 500) } : {}),
        ...(status ? { status: clean(status, 500) } : {}),
        ...(createdAt === undefined ? {} : { createdAt }),
    };
}
