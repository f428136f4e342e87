import type { TargetSetDefinition } from "../../services/definition";
import type { Wanted } from "../../services/listed-kind";
import { clean } from "../../util/text";
import type { Properties } from "../hooks";
import { secretInputs } from "../inputs/secret-inputs";
import { type Criteria, isTexts, ruleOf } from "./rule";

const VALUES_SHOWN = 5;

/**
 * The criteria as they are understood, on one line: `names web-* or tmp-?; older than 7d; states ACTIVE or BUILT; except web-1`.
 * Undefined for a resource without a rule. A secret rule is not shown.
 */
export function ruleText(definition: TargetSetDefinition, properties: Properties): string | undefined {
    const rule = ruleOf(definition, properties);
    if (rule === undefined) {
        return undefined;
    }
    if (secretInputs(properties).has("matching")) {
        return "a secret rule";
    }
    return rule
        .map((each) => {
            const { group } = each.listed;
            return group === undefined ? kindText(each) : `${group}: ${kindText(each)}`;
        })
        .join(" | ");
}

function kindText({ listed, names, olderThan, newerThan, states, wanted, exceptions }: Criteria): string {
    const parts = [
        names === undefined ? [] : `names ${listText(names, "or")}`,
        olderThan === undefined ? [] : `older than ${olderThan.text}`,
        newerThan === undefined ? [] : `newer than ${newerThan.text}`,
        states === undefined ? [] : `states ${listText(states, "or")}`,
        Object.entries(wanted).map(([name, value]) => {
            const joint = listed.criteria[name]?.is === "eachOf" ? "and" : "or";
            return `${clean(name, 100)} ${wantedText(value, joint)}`;
        }),
        exceptions.length === 0 ? [] : `except ${listText(exceptions, "or")}`,
    ];
    return parts.flat().join("; ");
}

function wantedText(value: Wanted, joint: "and" | "or"): string {
    if (isTexts(value)) {
        return listText(value, joint);
    }
    const pairs = Object.entries(value).map(([key, values]) => `${key}=${values.join("|")}`);
    return listText(pairs, "and");
}

function listText(values: readonly string[], joint: "and" | "or"): string {
    const shown = values.slice(0, VALUES_SHOWN).map((value) => clean(value, 100));
    const more = values.length - shown.length;
    const listed = more > 0 ? [...shown, `${more} more`] : shown;
    return listed.join(` ${joint} `);
}
