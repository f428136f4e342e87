import type { Place } from "../../cloud/call";
import type { PlaceRequest } from "../../cloud/cloud";
import type { TargetSetDefinition } from "../../services/definition";
import { definitionOf, type Services, services } from "../../services/registry";
import type { Clock } from "../../util/clock";
import { checkBatchTask } from "../batch-task/inputs";
import type { Properties } from "../hooks";
import { holdsUnknown, isUnknown } from "../inputs/unknowns";
import { SIGNATURE } from "../report/secret-words";
import { placeSchema } from "../state";
import { checkTargetSet } from "../target-set/inputs";
import { createAct, destroyAct } from "../target-set/moments";
import type { Moment } from "./subject";

/** A resource of a previewed program, as the program's own process knows it. Values that are not known yet are the engine's markers. */
export interface Foreseen {
    /** "workspaceapp:ImageServerBatchDeletion" */
    readonly resource: string;
    /** Its name in the program. */
    readonly name: string;
    /** Its arguments, with the hidden ones. */
    readonly inputs: Properties;
    /**
     * What the engine answered: outputs, and the id as `resourceId`. All are known where the resource stays as it is; the id alone where it
     * is updated; none where it is created or replaced.
     */
    readonly answered: Properties;
    /** Where it is, if that is stored and known here. */
    readonly stored?: Place;
}

/** What there is to look at for it; or why nothing is. */
export type Look =
    | {
          readonly is: "look";
          readonly definition: TargetSetDefinition | "batchTask";
          readonly properties: Properties;
          readonly moment: Moment;
          readonly where: PlaceRequest;
          /** About ids that are not known yet. */
          readonly unknown: readonly string[];
      }
    /** `text` where the user is to know why. */
    | { readonly is: "nothing"; readonly text?: string };

const NOTHING: Look = { is: "nothing" };
export const PLACE_NOT_KNOWN = "not looked: the stored place isn't known here; see plan";

export async function lookOf(foreseen: Foreseen, clock: Clock, known: Services = services): Promise<Look> {
    const inputs = withoutMarks(foreseen.inputs);
    const answered = withoutMarks(foreseen.answered);
    const step = isUnknown(answered.resourceId) ? "create" : isUnknown(answered.place) ? "update" : "same";
    const definition = foreseen.resource === "vias:BatchTask" ? "batchTask" : definitionOf(foreseen.resource, known);
    if (definition === undefined) {
        return NOTHING;
    }
    if (step === "same") {
        return ofUnchanged(definition, { ...hiddenOf(inputs), ...knownOf(answered) });
    }
    const { properties, unknown, ok } = await withKnownIds(definition, inputs, clock);
    if (!ok) {
        // The check hook says what is wrong.
        return NOTHING;
    }
    const open = Object.keys(properties).filter((name) => !name.startsWith("__") && holdsUnknown(properties[name]));
    const moment = momentOf(definition, properties, step);
    if (moment === undefined) {
        return NOTHING;
    }
    if (open.length > 0 && definition !== "batchTask") {
        return {
            is: "nothing",
            text: `not looked: ${open.join(", ")} ${open.length === 1 ? "is" : "are"} not known yet`,
        };
    }
    if (unknown.length > 0 && definition !== "batchTask" && hasNoIds(definition, properties)) {
        return { is: "nothing", text: `not looked: ${unknown.join("; ")}` };
    }
    const { region, projectId, profile } = properties;
    if (step === "update" && foreseen.stored !== undefined) {
        return { is: "look", definition, properties, moment, where: { stored: foreseen.stored }, unknown };
    }
    if (step === "update" && (typeof region !== "string" || typeof projectId !== "string")) {
        return { is: "nothing", text: [PLACE_NOT_KNOWN, ...unknown].join("; ") };
    }
    const where = { region: textOf(region), projectId: textOf(projectId), profile: textOf(profile) };
    return { is: "look", definition, properties, moment, where, unknown };
}

function ofUnchanged(definition: TargetSetDefinition | "batchTask", properties: Properties): Look {
    const stored = placeSchema.safeParse(properties.place);
    const moment = momentOf(definition, properties, "same");
    return stored.success && moment !== undefined
        ? { is: "look", definition, properties, moment, where: { stored: stored.data }, unknown: [] }
        : NOTHING;
}

/** The moment at which it does something; undefined: it never does. */
function momentOf(
    definition: TargetSetDefinition | "batchTask",
    properties: Properties,
    step: "create" | "update" | "same",
): Moment | undefined {
    if (definition === "batchTask") {
        return step === "same" ? "destroy" : step;
    }
    if (definition.hasWhen) {
        if (isUnknown(properties.when)) {
            return undefined;
        }
        return properties.when === "destroy" ? "destroy" : step === "same" ? "unchanged" : step;
    }
    if (step !== "same" && createAct(definition, properties) !== undefined) {
        return step;
    }
    return destroyAct(definition, properties) === undefined ? undefined : "destroy";
}

/** The arguments as check normalises them, with those ids alone that are known; and what to say of the others. */
async function withKnownIds(
    definition: TargetSetDefinition | "batchTask",
    inputs: Properties,
    clock: Clock,
): Promise<{ readonly properties: Properties; readonly unknown: readonly string[]; readonly ok: boolean }> {
    if (definition === "batchTask") {
        const checked = checkBatchTask(inputs);
        return { properties: checked.inputs, unknown: [], ok: checked.failures.length === 0 };
    }
    const unknown: string[] = [];
    const known: Record<string, unknown> = { ...inputs };
    for (const { input } of definition.targets) {
        const list: unknown = inputs[input];
        if (isUnknown(list)) {
            unknown.push(`${input}: not known yet, nor how many`);
            known[input] = [];
        } else if (Array.isArray(list)) {
            const ids: readonly unknown[] = list;
            const left = ids.filter((id) => !holdsUnknown(id));
            if (left.length < ids.length) {
                unknown.push(`${ids.length - left.length} of ${ids.length} ids of ${input} are not known yet`);
                known[input] = left;
            }
        }
    }
    const { inputs: properties, failures } = await checkTargetSet(definition, known, clock);
    return { properties, unknown, ok: failures.length === 0 };
}

function hasNoIds({ targets }: TargetSetDefinition, properties: Properties): boolean {
    return targets.every(({ input }) => {
        const list: unknown = properties[input];
        return !Array.isArray(list) || list.length === 0;
    });
}

function hiddenOf(inputs: Properties): Properties {
    return Object.fromEntries(Object.entries(inputs).filter(([name]) => name.startsWith("__")));
}

function knownOf(answered: Properties): Properties {
    return Object.fromEntries(Object.entries(answered).filter(([, value]) => !isUnknown(value) && value !== undefined));
}

function textOf(value: unknown): string | undefined {
    return typeof value === "string" ? value : undefined;
}

/** Plain values, without the SDK's marks of secrets: `__secrets` names those that are. */
export function withoutMarks(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, withoutMark(value)]));
}

function withoutMark(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(withoutMark);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (SIGNATURE in value && "value" in value) {
        return withoutMark(value.value);
    }
    return withoutMarks({ ...value });
}
