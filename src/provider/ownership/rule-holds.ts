import { ApiFailure } from "../../batch/api";
import { problemText } from "../../batch/problem";
import type { Hold, RuleHold } from "./holders";

/** The keys that a rule of another resource matches now, in the place of the delete that asks. Throws ApiFailure if that can't be told. */
export type MatchedNow = (rule: Pick<RuleHold, "resource" | "rule">) => Promise<ReadonlySet<string>>;

/**
 * A declared rule holds what it matches now. Returns why what it matches can't be told, where that is so: then it may hold every key.
 * A failure that may pass is thrown, for the same command can tell later.
 */
export async function addHoldsOfRules(
    rules: readonly RuleHold[],
    { keys, matchedNow }: { readonly keys: readonly string[]; readonly matchedNow: MatchedNow },
    holds: Map<string, Hold>,
): Promise<string | undefined> {
    let notTold: string | undefined;
    const certainFirst = [...rules].sort((a, b) => Number(b.certain) - Number(a.certain));
    for (const { urn, resource, rule, certain } of certainFirst) {
        const open = keys.filter((key) => holds.get(key)?.certain !== true && (certain || !holds.has(key)));
        if (open.length === 0) {
            continue;
        }
        let matched: ReadonlySet<string> | undefined;
        try {
            matched = await matchedNow({ resource, rule });
        } catch (error) {
            if (!(error instanceof ApiFailure && error.final)) {
                throw error;
            }
            notTold ??= `what its rule matches can't be told: ${problemText(error.problem)}`;
        }
        for (const key of open) {
            if (matched === undefined) {
                holds.set(key, holds.get(key) ?? { urn, certain: false });
            } else if (matched.has(key)) {
                holds.set(key, { urn, certain });
            }
        }
    }
    return notTold;
}
