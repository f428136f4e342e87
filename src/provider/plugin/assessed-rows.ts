import type { AssessedTarget, Assessment, Fate } from "../assessment/assessment";
import { ageText, targetRow } from "../assessment/target-row";
import type { Conceal } from "../report/secret-words";
import type { Row } from "./rows";

/** What needs attention comes first, for not all rows may be shown. */
const ORDER: readonly Fate[] = [
    "impossible",
    "unseen",
    "notApproved",
    "kept",
    "aboveMaxItems",
    "waits",
    "due",
    "inProgress",
    "leftAlone",
    "settled",
];

/** What a guard refuses of declared targets keeps a create or an update from its end. */
const REFUSED: ReadonlySet<Fate> = new Set(["kept", "notApproved", "aboveMaxItems"]);

export interface RowOptions {
    /** What targets with secret ids are called. */
    readonly labels: ReadonlyMap<string, string>;
    /** A cause may repeat an id that is secret. */
    readonly conceal: Conceal;
    readonly most: number;
    /** Whether what a guard refuses fails the preview. */
    readonly gate: boolean;
}

/** The rows of what a look has shown. */
export function assessedRows(assessment: Assessment, { labels, conceal, most, gate }: RowOptions): readonly Row[] {
    const isGate = gate && assessment.matching === undefined;
    const failsPreview = ({ fate }: AssessedTarget) => isGate && REFUSED.has(fate);
    const ordered = ORDER.flatMap((fate) => assessment.targets.filter((target) => target.fate === fate));
    const targets = [...ordered.filter(failsPreview), ...ordered.filter((target) => !failsPreview(target))];
    // However few rows are asked for, a preview fails where it has to.
    const limit = most === 0 && assessment.targets.some(failsPreview) ? 1 : most;
    const rows = targets.slice(0, limit).map((target): Row => {
        const { id, kind, name, state, age, createdAt, what } = targetRow(target, assessment, labels);
        const will = conceal(what);
        return {
            name: rowNameOf(target, labels),
            outputs: {
                id,
                ...(kind === undefined ? {} : { kind }),
                ...(name === undefined ? {} : { name }),
                ...(state === undefined ? {} : { state }),
                ...(age === undefined ? {} : { age: ageText(age), createdAt }),
                will,
            },
            text: textOf(name, state, will),
            ...(failsPreview(target) ? { error: will } : {}),
        };
    });
    const more = targets.length - rows.length;
    const others = { name: `and ${more} more`, outputs: { more }, text: `and ${more} more` };
    return more <= 0 || limit === 0 ? rows : [...rows, others];
}

/** `web-1 (ACTIVE): delete` */
function textOf(name: string | undefined, state: string | undefined, what: string): string {
    const facts = [...(name === undefined ? [] : [name]), ...(state === undefined ? [] : [`(${state})`])];
    return facts.length === 0 ? what : `${facts.join(" ")}: ${what}`;
}

/** `app:3f0f…`, or `image server:51…` where one kind is all there is; `image server:#3 of 30` where the id is secret. */
export function rowNameOf(
    { key, id, kind }: Pick<AssessedTarget, "key" | "id" | "kind">,
    labels: ReadonlyMap<string, string>,
): string {
    const label = labels.get(key) ?? id;
    return kind === undefined ? label : `${kind}:${label}`;
}
