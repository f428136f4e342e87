import type { AssessedTarget, Assessment, Fate } from "./assessment";

const SECOND = 1000;
const UNITS: ReadonlyArray<readonly [unit: string, ms: number]> = [
    ["d", 24 * 3600 * SECOND],
    ["h", 3600 * SECOND],
    ["m", 60 * SECOND],
    ["s", SECOND],
];

/** One target as people see it: in all forms of a plan, and in the plugin's rows. */
export interface TargetRow {
    /** The id, or `#3 of 30` where ids are secret. */
    readonly id: string;
    readonly kind: string | undefined;
    /** Missing where ids are secret. */
    readonly name: string | undefined;
    readonly state: string | undefined;
    /** The least age that its time of creation may mean, in milliseconds. */
    readonly age: number | undefined;
    readonly createdAt: string | undefined;
    /** "delete", "gone already", "kept: the keep list has its id". */
    readonly what: string;
}

export function targetRow(
    { key, id, kind, fate, facts, why }: AssessedTarget,
    assessment: Assessment,
    labels: ReadonlyMap<string, string>,
): TargetRow {
    const label = labels.get(key);
    const createdAt = facts?.createdAt?.latest;
    return {
        id: label ?? id,
        kind,
        name: label === undefined ? facts?.name : undefined,
        state: facts?.status,
        age: createdAt === undefined ? undefined : Math.max(0, assessment.at - createdAt),
        createdAt: createdAt === undefined ? undefined : new Date(createdAt).toISOString(),
        what: whatText(fate, why, assessment),
    };
}

function whatText(fate: Fate, why: string | undefined, { action, effect }: Assessment): string {
    const because = why === undefined ? "" : `: ${why}`;
    switch (fate) {
        case "due":
            return action;
        case "waits":
            return `${action}, once it is ready${because}`;
        case "inProgress":
            return effect === "deletes" ? "being deleted already" : "under way already";
        case "settled":
            return effect === "deletes" ? "gone already" : "done already";
        case "impossible":
            return `can't be done${because}`;
        case "unseen":
            return `can't be seen${because}`;
        case "kept":
            return `kept${because}`;
        case "notApproved":
            return `not approved${because}`;
        case "aboveMaxItems":
            return `beyond maxItems${because}`;
        case "leftAlone":
            return `left alone${because}`;
    }
}

/** `3d`, `7h`; "" where it is not known. */
export function ageText(ms: number | undefined): string {
    if (ms === undefined) {
        return "";
    }
    const [unit, size] = UNITS.find(([, each]) => ms >= each) ?? ["s", SECOND];
    return `${Math.floor(ms / size)}${unit}`;
}
