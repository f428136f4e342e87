/** The argument that holds a rule. */
export const RULE_INPUT = "matching";
/** The arguments that decide what a rule matches, beside the place. */
export const RULE_INPUTS = [RULE_INPUT, "enterpriseProjectId"] as const;

type Values = Readonly<Record<string, unknown>>;

/** A rule as the record of the operation holds it, so that equal rules are equal texts. Undefined: there is none. */
export function ruleText(properties: Values): string | undefined {
    return (properties[RULE_INPUT] ?? undefined) === undefined
        ? undefined
        : JSON.stringify(Object.fromEntries(RULE_INPUTS.map((input) => [input, properties[input] ?? undefined])));
}
