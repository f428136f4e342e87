/** The codes of targets that a guard keeps from being sent. */
export const KEPT = "Kept";
export const NOT_APPROVED = "NotApproved";
export const MAX_ITEMS = "MaxItems";

/** What is being done when a guard refuses: `pulumi up` runs the program, `pulumi destroy` acts on what the state holds. */
export type GuardedOperation = "up" | "destroy";

const WAYS_ON: Readonly<Record<string, Readonly<Record<GuardedOperation, string>>>> = {
    [KEPT]: {
        up: "leave what is to stay out of this resource; for what is not, take its rule out of the keep list; then run the same command again",
        destroy:
            "for what is not to stay, take its rule out of the keep list, then run the same command again (with --run-program if the rule was one of stack configuration); " +
            "where only what is to stay is left, give this resource up with pulumi state delete",
    },
    [NOT_APPROVED]: {
        up: "review them and put them on the approved list, then run the same command again",
        destroy:
            "review them and put them on the approved list (npx --no -- pulumi-huaweicloud-batch plan --out FILE writes one anew), then run the same command again",
    },
    [MAX_ITEMS]: {
        up: "each run counts anew: run the same command again for as many more, or raise maxItems first",
        destroy: "each run counts anew: run the same command again for as many more",
    },
};

/** A line for each kind of refusal among these codes: what to do now. */
export function wayOnLines(codes: Iterable<string>, operation: GuardedOperation): readonly string[] {
    return [...new Set(codes)].flatMap((code) => {
        const way = Object.hasOwn(WAYS_ON, code) ? WAYS_ON[code]?.[operation] : undefined;
        return way === undefined ? [] : [`${code}: ${way}`];
    });
}
