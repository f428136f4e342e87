import { placeText, sourceText } from "../../cloud/place/place-source";
import type { AssessedTarget, Assessment, Fate } from "./assessment";
import type { Moment } from "./subject";

/** Named targets, as in the messages of a run. */
const SHOWN = 20;
const NAME_SHOWN = 80;
const CAUSES_SHOWN = 3;
/** web-2 before web-10. */
const asPeopleSort = new Intl.Collator("en", { numeric: true });

export interface BlockOptions {
    readonly moment: Moment;
    /** What a target is called. Default: its name, or else its id. */
    readonly label?: (target: AssessedTarget) => string;
}

export function nameOf({ id, facts }: AssessedTarget): string {
    const name = facts?.name ?? id;
    return name.length > NAME_SHOWN ? `${name.slice(0, NAME_SHOWN)}…` : name;
}

/**
 * One resource's assessment in one line:
 * `would delete 27 image servers in cn-north-4 (region from HW_REGION_NAME): web-1 (ACTIVE), web-2 (BUILT) … and 7 more; 3 are gone already; 5 must finish CREATING first`
 */
export function blockText(assessment: Assessment, { moment, label = nameOf }: BlockOptions): string {
    const { targets, noun, place, within, effect, matching } = assessment;
    const submits = targets.filter(({ fate }) => fate === "due" || fate === "waits");
    const region = place.regionFrom === undefined ? "" : ` (region from ${sourceText(place.regionFrom)})`;
    const where = `in ${place.region}${region}${within.map((part) => `, ${part}`).join("")}`;
    const would = `${moment === "destroy" ? "destroy would" : "would"} ${doing(assessment)}`;
    const head =
        targets.length === 0 && matching !== undefined
            ? `${would} nothing ${where}: none of the ${matching.listed} ${noun[1]} listed matches`
            : submits.length === 0
              ? `${would} nothing of ${targets.length} ${noun[targets.length === 1 ? 0 : 1]} ${where}`
              : `${would} ${moment === "update" ? "up to " : ""}${counted(submits.length, noun)} ${where}: ${named(submits, label)}`;
    const mayNotShow = matching?.mayNotShow === undefined ? [] : [matching.mayNotShow];
    return [head, ...rest(assessment, effect), ...mayNotShow].join("; ");
}

function doing({ action, effect }: Assessment): string {
    // The actions of an API are words of its own: UNACTIVE.
    return effect === "acts" && action === action.toUpperCase() ? `do ${action} to` : action;
}

function counted(count: number, [one, many]: readonly [string, string]): string {
    return `${count} ${count === 1 ? one : many}`;
}

function named(targets: readonly AssessedTarget[], label: (target: AssessedTarget) => string): string {
    const names = targets
        .map((target) => ({ name: label(target), status: target.facts?.status }))
        .sort((one, other) => asPeopleSort.compare(one.name, other.name))
        .slice(0, SHOWN)
        .map(({ name, status }) => `${name}${status === undefined ? "" : ` (${status})`}`);
    const more = targets.length > SHOWN ? ` … and ${targets.length - SHOWN} more` : "";
    return names.join(", ") + more;
}

const PLAIN: ReadonlyArray<readonly [Fate, (count: number, effect: Assessment["effect"]) => string]> = [
    ["settled", (count, effect) => `${count} ${is(count)} ${effect === "deletes" ? "gone" : "done"} already`],
    [
        "inProgress",
        (count, effect) => `${count} ${is(count)} ${effect === "deletes" ? "being deleted" : "under way"} already`,
    ],
    ["kept", (count) => `${count} ${is(count)} on the keep list`],
    ["notApproved", (count) => `${count} ${is(count)} not approved`],
    ["aboveMaxItems", (count) => `${count} ${is(count)} beyond maxItems`],
];

function rest({ targets, counts }: Assessment, effect: Assessment["effect"]): readonly string[] {
    return [
        ...PLAIN.flatMap(([fate, text]) => (counts[fate] === 0 ? [] : [text(counts[fate], effect)])),
        ...waiting(targets),
        ...byCause(targets, "impossible", (count) => `${count} can't be done`),
        ...byCause(targets, "unseen", (count) => `${count} can't be seen`),
        ...byCause(targets, "leftAlone", (count) => `${count} ${is(count)} left alone`),
    ];
}

/** `5 must finish CREATING first` */
function waiting(targets: readonly AssessedTarget[]): readonly string[] {
    const waits = targets.filter(({ fate }) => fate === "waits");
    const alike = Map.groupBy(waits, ({ facts, why }) =>
        facts?.status === undefined ? `must wait (${why ?? "not ready"})` : `must finish ${facts.status} first`,
    );
    return [...alike].map(([what, some]) => `${some.length} ${what}`);
}

function byCause(targets: readonly AssessedTarget[], fate: Fate, text: (count: number) => string): readonly string[] {
    const causes = [
        ...Map.groupBy(
            targets.filter((target) => target.fate === fate),
            ({ why = "" }) => why,
        ),
    ];
    const more = causes.slice(CAUSES_SHOWN).reduce((sum, [, some]) => sum + some.length, 0);
    return [
        ...causes.slice(0, CAUSES_SHOWN).map(([why, some]) => `${text(some.length)}: ${why}`),
        ...(more > 0 ? [`${text(more)} for other reasons`] : []),
    ];
}

function is(count: number): string {
    return count === 1 ? "is" : "are";
}

/** The warning where most or all of the declared targets are not there: they may be gone, or looked for in the wrong place. */
export function missingText({ targets, absent, noun, place, within, matching }: Assessment): string | undefined {
    const where = placeText(place) + within.map((part) => `, ${part}`).join("");
    if (matching !== undefined) {
        return matching.listed === 0
            ? `no ${noun[0]} at all is listed, in ${where}: there is none, or the region or project is another one`
            : undefined;
    }
    if (absent * 2 <= targets.length) {
        return undefined;
    }
    const which =
        targets.length === 1
            ? `the ${noun[0]} that is declared is`
            : absent === targets.length
              ? `none of the ${absent} ${noun[1]} is`
              : `${absent} of the ${targets.length} ${noun[1]} are`;
    const not = targets.length > 1 && absent === targets.length ? "there" : "not there";
    return `${which} ${not}, in ${where}: gone, or the region or project is not theirs`;
}
