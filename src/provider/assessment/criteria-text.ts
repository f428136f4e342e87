import { isTexts, type KindRule, type Rule } from "../matching/rule";

/** A rule in words, as it was understood: `names web-* or tmp-*; older than 7d; states ACTIVE; except web-1`. */
export function criteriaText(rule: Rule): string {
    return rule.map(ofKind).join(" | ");
}

function ofKind({ target, names, olderThan, newerThan, states, wanted, except }: KindRule): string {
    const { group } = target.listed;
    const parts = [
        ...(names === undefined ? [] : [`names ${oneOf(names)}`]),
        ...(olderThan === undefined ? [] : [`older than ${olderThan.text}`]),
        ...(newerThan === undefined ? [] : [`newer than ${newerThan.text}`]),
        ...(states === undefined ? [] : [`states ${oneOf(states)}`]),
        ...Object.entries(wanted).map(([name, value]) => `${name} ${wantedText(value, isEachOf(target, name))}`),
        ...(except.length === 0 ? [] : [`except ${except.join(", ")}`]),
    ];
    return `${group === undefined ? "" : `${group}: `}${parts.join("; ")}`;
}

function isEachOf({ listed }: KindRule["target"], name: string): boolean {
    return listed.criteria[name]?.is === "eachOf";
}

function wantedText(value: KindRule["wanted"][string], isEach: boolean): string {
    return isTexts(value)
        ? value.join(isEach ? " and " : " or ")
        : Object.entries(value)
              .map(([key, values]) => `${key}=${oneOf(values)}`)
              .join(" and ");
}

function oneOf(values: readonly string[]): string {
    return values.join(" or ");
}
