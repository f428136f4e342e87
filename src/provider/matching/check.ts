import type { TargetSetDefinition } from "../../services/definition";
import type { CheckFailure, Properties } from "../hooks";
import { holdsUnknown } from "../inputs/unknowns";
import { COMMON_CRITERIA, type Criteria, hasRule, narrows, readRule } from "./rule";

/** What is wrong with how a resource names its targets: by ids, or by a rule. `inputs` are valid one by one. */
export function namingProblems(definition: TargetSetDefinition, inputs: Properties): readonly CheckFailure[] {
    const lists = definition.targets.map(({ input }) => input);
    if (!hasRule(inputs)) {
        const [only, another] = lists;
        // A list that was meant to be there and is not would pass for "no targets".
        return only !== undefined && another === undefined && inputs[only] === undefined
            ? [{ property: only, reason: "must be given, or matching; for no targets at all give an empty list" }]
            : [];
    }
    const problems: CheckFailure[] = [];
    const both = lists.filter((input) => inputs[input] !== undefined);
    if (both.length > 0) {
        const reason = `names targets by a rule, and ${both.join(" and ")} by their ids: give one of them`;
        problems.push({ property: "matching", reason });
    }
    if (inputs.maxItems === undefined) {
        const reason = "must be given with matching: the most targets that one run may act on";
        problems.push({ property: "maxItems", reason });
    }
    if (inputs.onMissing === "fail") {
        const reason = '"fail" is for ids: what matches nothing is not missing. Leave it out with matching';
        problems.push({ property: "onMissing", reason });
    }
    return problems;
}

/** What is wrong with a rule whose parts are valid. Nothing is said of one that is not known yet. */
export function ruleProblems(definition: TargetSetDefinition, { matching }: Properties): readonly CheckFailure[] {
    if (!hasRule({ matching }) || holdsUnknown(matching)) {
        return [];
    }
    const rule = readRule(definition, matching);
    if (rule.length === 0) {
        const groups = definition.targets.map(({ listed }) => listed.group).join(" or ");
        return [{ property: "matching", reason: `must hold ${groups}: what is to match` }];
    }
    return rule.flatMap((each): readonly CheckFailure[] => {
        const { group } = each.listed;
        const property = group === undefined ? "matching" : `matching.${group}`;
        const reasons = [...narrowingProblem(each), ...ageProblem(each)];
        return reasons.map((reason) => ({ property, reason }));
    });
}

function narrowingProblem(rule: Criteria): readonly string[] {
    if (narrows(rule)) {
        return [];
    }
    const { states, criteria } = rule.listed;
    const common = COMMON_CRITERIA.filter((name) => name !== "except" && (name !== "states" || states !== undefined));
    const names = [...common, ...Object.keys(criteria)];
    return [
        `would match everything: names without a letter (*), all the states that there are and except leave nothing out. Give one of ${names.join(", ")}`,
    ];
}

function ageProblem({ olderThan, newerThan }: Criteria): readonly string[] {
    return olderThan !== undefined && newerThan !== undefined && olderThan.ms >= newerThan.ms
        ? [`would match nothing: nothing is older than ${olderThan.text} and newer than ${newerThan.text}`]
        : [];
}
