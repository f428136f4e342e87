import type { Place } from "../../cloud/call";
import type { TargetSetDefinition } from "../../services/definition";
import type { Clock } from "../../util/clock";
import type { Checked, Properties } from "../hooks";
import { urnOf } from "../inputs/properties";
import { holdsUnknown, isUnknown } from "../inputs/unknowns";
import type { Holding, PlacePattern } from "../ownership/holders";
import type { Judgement } from "../ownership/ownership";
import { Targets } from "../targets";

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
    const lists = definition.targets.map(({ input }) => inputs[input]);
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
        complete,
        given: [givenText(inputs.region), givenText(inputs.projectId), ...placeInputs(definition, inputs)],
    };
}

function mayActAtDestroy(definition: TargetSetDefinition, inputs: Properties, complete: boolean): boolean {
    if (definition.hasWhen) {
        return inputs.when !== "create";
    }
    const names = Object.keys(definition.inputs);
    const known = complete && !names.some((name) => holdsUnknown(inputs[name]));
    return !known || definition.acts(inputs).onDestroy !== undefined;
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
