import type { Place } from "../../cloud/call";
import type { Connection } from "../../cloud/cloud";
import type { TargetSetDefinition } from "../../services/definition";
import type { Clock } from "../../util/clock";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import type { Checked, Properties } from "../hooks";
import { urnOf } from "../inputs/properties";
import { secretInputs } from "../inputs/secret-inputs";
import { holdsUnknown, isUnknown } from "../inputs/unknowns";
import type { Holding, PlacePattern } from "../ownership/holders";
import { matchedNowIn } from "../ownership/matched-now";
import type { Judgement } from "../ownership/ownership";
import { RULE_INPUTS, ruleText } from "../ownership/rule-text";
import { Targets } from "../targets";
import { destroyAct } from "./moments";

const HOLDERS_SHOWN = 3;
const IDS_SHOWN = 20;

/**
 * What a declared resource holds, as far as check knows; undefined if it acts only at create, for then it deletes what it names
 * itself. What is not known yet counts as held.
 */
export async function holdingOf(
    definition: TargetSetDefinition,
    { inputs, failures }: Checked,
    clock: Clock,
): Promise<Holding | undefined> {
    const lists = [
        ...definition.targets.map(({ input }) => inputs[input]),
        ...RULE_INPUTS.map((input) => inputs[input]),
    ];
    const complete = failures.length === 0 && !lists.some(holdsUnknown);
    if (!mayActAtDestroy(definition, inputs, complete)) {
        return undefined;
    }
    const { keys } = await Targets.of(definition.targets, inputs, clock);
    return {
        urn: urnOf(inputs),
        kind: definition.service.name,
        resource: definition.resource,
        keys,
        ...(complete ? ruleHolding(inputs) : {}),
        complete,
        given: [givenText(inputs.region), givenText(inputs.projectId), ...placeInputs(definition, inputs)],
    };
}

/** The rule that it holds by, if it declares one. */
export function ruleHolding(properties: Properties): Pick<Holding, "rule" | "secretRule"> {
    const rule = ruleText(properties);
    const secret = secretInputs(properties);
    return rule === undefined ? {} : { rule, secretRule: RULE_INPUTS.some((input) => secret.has(input)) };
}

function mayActAtDestroy(definition: TargetSetDefinition, inputs: Properties, complete: boolean): boolean {
    if (definition.hasWhen) {
        return inputs.when !== "create";
    }
    const names = Object.keys(definition.inputs);
    const known = complete && !names.some((name) => holdsUnknown(inputs[name]));
    return !known || definition.acts(inputs).onDestroy !== undefined;
}

/** What it holds where, once that is known; undefined if it acts only at create. `targets`: left out if only the place is news. */
export function placedHolding(
    definition: TargetSetDefinition,
    urn: string,
    { place }: { readonly place: Place },
    properties: Properties,
    targets?: Targets,
): Holding | undefined {
    if (destroyAct(definition, properties) === undefined) {
        return undefined;
    }
    return {
        urn,
        kind: definition.service.name,
        resource: definition.resource,
        exact: placeOf(definition, place, properties),
        ...(targets === undefined ? {} : { keys: targets.keys, ...ruleHolding(properties), complete: true }),
    };
}

/** A delete, and what it is about to act on. */
export interface Removal {
    /** Of the resource. */
    readonly id: string;
    readonly outputs: Properties;
    readonly place: Place;
    readonly targets: Targets;
    readonly connect: () => Promise<Connection>;
}

/** What is left to act on: what the program of this operation still declares is not for the old resource to act on. */
export async function notDeclared(
    context: HooksContext,
    definition: TargetSetDefinition,
    { id, outputs, place, targets, connect }: Removal,
    call: CallContext,
    signal: AbortSignal,
): Promise<readonly string[]> {
    const judgement = await context.ownership.judge({
        urn: call.urn,
        id,
        kind: definition.service.name,
        place: placeOf(definition, place, outputs),
        keys: targets.keys,
        onlyResource: (definition.takesAway?.(outputs) ?? true) ? undefined : definition.resource,
        deleteBeforeReplace: false,
        matchedNow: matchedNowIn(context, { definition, outputs, connect, signal }, call),
    });
    for (const { severity, text } of leftAloneLines(definition, targets, judgement)) {
        call.log(severity, text);
    }
    return judgement.free;
}

/** A resolved place, in the order in which places are compared. */
export function placeOf(definition: TargetSetDefinition, place: Place, properties: Properties): PlacePattern {
    return [place.region, place.projectId, ...placeInputs(definition, properties)];
}

function placeInputs(definition: TargetSetDefinition, properties: Properties): PlacePattern {
    return definition.placeInputs.map((input) =>
        holdsUnknown(properties[input]) ? undefined : JSON.stringify(properties[input] ?? null),
    );
}

/** Undefined also where the argument is left out: its default is known only when the resource is created. */
export function givenText(value: unknown): string | undefined {
    return typeof value === "string" && !isUnknown(value) ? value : undefined;
}

/** The messages of a delete about what it leaves alone. */
export function leftAloneLines(
    { noun }: TargetSetDefinition,
    targets: Targets,
    { held, undecided, holders, why }: Judgement,
): ReadonlyArray<{ readonly severity: "info" | "warning"; readonly text: string }> {
    const lines: Array<{ readonly severity: "info" | "warning"; readonly text: string }> = [];
    if (held.length > 0) {
        const text = `${held.length} of ${targets.size} ${noun[1]} left alone: this program declares them (${named(holders.held)})`;
        lines.push({ severity: "info", text });
    }
    if (undecided.length > 0) {
        const by = holders.undecided.length === 0 ? "" : ` (${named(holders.undecided)})`;
        const ids = undecided.slice(0, IDS_SHOWN).map((key) => targets.named(key).id);
        const more = undecided.length > ids.length ? ` and ${undecided.length - ids.length} more` : "";
        lines.push({
            severity: "warning",
            text:
                `${undecided.length} of ${targets.size} ${noun[1]} left alone, for it can't be told whether this program still declares them${by}: ${why}. ` +
                `Those that no resource declares are to be deleted by one that does: ${ids.join(", ")}${more}`,
        });
    }
    return lines;
}

/** By the names that the program gives them. */
export function named(urns: readonly string[]): string {
    const names = urns.slice(0, HOLDERS_SHOWN).map((urn) => urn.split("::").at(-1) ?? urn);
    return urns.length > names.length ? `${names.join(", ")} and ${urns.length - names.length} more` : names.join(", ");
}
