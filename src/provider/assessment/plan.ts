import type { StackConfiguration } from "../../cloud/settings/settings";
import type { TargetSetDefinition } from "../../services/definition";
import { definitionOf, type Services, services } from "../../services/registry";
import { batchTaskDeletion } from "../../services/vias/batch-task";
import { readBatchTask } from "../batch-task/state";
import { type ApprovedEntry, approvedEntryOf } from "../guards/approved-list";
import type { Properties } from "../hooks";
import { hasRule } from "../matching/rule";
import { errorText } from "../report/error-text";
import { concealing } from "../report/secret-words";
import { placeSchema, readStoredState } from "../state";
import { destroyAct } from "../target-set/moments";
import { placeOf } from "../target-set/ownership";
import { Targets } from "../targets";
import { assess } from "./assess";
import { type Assessment, countFates, FATES, type Fate, isNothing, type NothingToDo, toSubmit } from "./assessment";
import { assessBatchTask } from "./batch-task";
import { chooseTargets } from "./choose";
import { secretLabels } from "./labels";
import type { StackState, StateResource } from "./stack-state";
import type { AssessmentContext, Moment } from "./subject";

/** The operation that is planned: a destroy today, or the next up of the program as it was last run. */
export type PlannedOperation = "destroy" | "up";

export interface PlannedResource {
    readonly urn: string;
    readonly name: string;
    /** "workspaceapp:ImageServerBatchDeletion" */
    readonly resource: string;
    readonly result: Assessment | NothingToDo | { readonly failed: string };
    /** What targets with secret ids are called, by their keys. */
    readonly labels: ReadonlyMap<string, string>;
    /** What is to be approved for it. */
    readonly approved: readonly ApprovedEntry[];
}

export interface Plan {
    /** Undefined where nothing is in it. */
    readonly stack: string | undefined;
    readonly operation: PlannedOperation;
    /** Milliseconds since the epoch. */
    readonly at: number;
    readonly resources: readonly PlannedResource[];
    /** Of all targets, each counted once, whichever resources declare it. */
    readonly totals: Readonly<Record<Fate, number>>;
    /** Whether everything could be looked at, and every target seen. */
    readonly complete: boolean;
}

export interface PlanContext {
    /** The context of resources whose last up had this stack configuration. */
    readonly contextOf: (configuration: StackConfiguration) => AssessmentContext;
    readonly now: () => number;
    /** Called after each resource. */
    readonly onLooked: (looked: number, of: number) => void;
    readonly known?: Services;
}

/** What the operation would do for each resource of the state. Reads only; what could not be looked at is in the plan. */
export async function planStack(
    context: PlanContext,
    { stack, resources: state }: StackState,
    operation: PlannedOperation,
    signal: AbortSignal,
): Promise<Plan> {
    const at = context.now();
    const replaced = operation === "up" && state.some(({ isPendingDelete }) => isPendingDelete);
    const holders = replaced ? await holdersOf(context, state, signal) : NO_HOLDERS;
    let looked = 0;
    const resources = await Promise.all(
        state.map(async (each) => {
            const planned = await planResource(context, each, { operation, holders }, signal);
            looked += 1;
            context.onLooked(looked, state.length);
            return planned;
        }),
    );
    const totals = totalsOf(resources);
    const complete = resources.every(({ result }) => !("failed" in result)) && totals.unseen === 0;
    return { stack, operation, at, resources, totals, complete };
}

/** Whether it has failed to look. */
export function isFailed(result: PlannedResource["result"]): result is { readonly failed: string } {
    return "failed" in result;
}

type Definition = TargetSetDefinition | "batchTask";

async function planResource(
    context: PlanContext,
    state: StateResource,
    { operation, holders }: { readonly operation: PlannedOperation; readonly holders: Holders },
    signal: AbortSignal,
): Promise<PlannedResource> {
    const { urn, name, outputs } = state;
    const { __resource } = outputs;
    const resource = typeof __resource === "string" ? __resource : "";
    const conceal = concealing(outputs);
    const definition = definitionIn(context, resource);
    const labels = definition === undefined ? NO_LABELS : labelsOf(definition, outputs);
    try {
        const result = await look(context, definition, state, { operation, holders }, signal);
        const approved = definition === undefined || isNothing(result) ? [] : approvedOf(definition, outputs, result);
        return { urn, name, resource, result, labels, approved };
    } catch (error) {
        return { urn, name, resource, result: { failed: conceal(errorText(error)) }, labels, approved: [] };
    }
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();

function definitionIn({ known = services }: PlanContext, resource: string): Definition | undefined {
    return resource === "vias:BatchTask" ? "batchTask" : definitionOf(resource, known);
}

function labelsOf(definition: Definition, outputs: Properties): ReadonlyMap<string, string> {
    return definition === "batchTask" ? NO_LABELS : secretLabels(definition, outputs);
}

async function look(
    context: PlanContext,
    definition: Definition | undefined,
    state: StateResource,
    { operation, holders }: { readonly operation: PlannedOperation; readonly holders: Holders },
    signal: AbortSignal,
): Promise<Assessment | NothingToDo> {
    if (definition === undefined) {
        throw new Error("this release of pulumi-huaweicloud-batch does not know this resource");
    }
    const nothing = whyEngineSkips(state, operation);
    if (nothing !== undefined) {
        return { nothing };
    }
    // A batch task's output is always secret, and nothing here needs it.
    const sealed = state.sealed.filter((name) => name !== "output");
    if (sealed.length > 0) {
        throw new Error(`${sealed.join(", ")}: secret, and the state has it in cipher only: give --show-secrets`);
    }
    const { outputs: properties, configuration } = state;
    // Every hook refuses what it can't read, such as the state of a newer release.
    if (definition === "batchTask") {
        readBatchTask(properties);
    } else {
        readStoredState(properties);
    }
    const stored = placeSchema.safeParse(properties.place);
    if (!stored.success) {
        throw new Error("its state names no place that can be used");
    }
    const moment: Moment = operation === "destroy" || state.isPendingDelete ? "destroy" : "unchanged";
    const holder = state.isPendingDelete ? holders(definition, properties) : undefined;
    const subject = { properties, moment, where: { stored: stored.data }, ...(holder === undefined ? {} : { holder }) };
    const looking = context.contextOf(configuration);
    return definition === "batchTask"
        ? assessBatchTask(looking, subject, signal)
        : assess(looking, { ...subject, definition }, signal);
}

/** The engine calls no delete for these. */
function whyEngineSkips(
    { protect, retainOnDelete, deletedWith, isPendingDelete }: StateResource,
    operation: PlannedOperation,
): string | undefined {
    if (operation === "up" && !isPendingDelete) {
        return undefined;
    }
    if (protect) {
        return "protect: destroy refuses it";
    }
    if (retainOnDelete) {
        return "retainOnDelete: nothing is deleted in the cloud";
    }
    return deletedWith === undefined || operation === "up"
        ? undefined
        : `deletedWith: its targets are to go with ${deletedWith.split("::").at(-1)}`;
}

/** Who of the unchanged program holds a target of a resource that was replaced. */
type Holders = (definition: Definition, properties: Properties) => (key: string) => string | undefined;

const NO_HOLDERS: Holders = () => () => undefined;

async function holdersOf(context: PlanContext, state: readonly StateResource[], signal: AbortSignal): Promise<Holders> {
    const held = new Map<string, string>();
    for (const each of state.filter(({ isPendingDelete }) => !isPendingDelete)) {
        const { name, outputs } = each;
        const definition = definitionIn(context, String(outputs.__resource));
        const at = definition === undefined ? undefined : placeIn(definition, outputs);
        if (definition !== undefined && at !== undefined) {
            for (const key of await heldKeys(context, definition, each, signal)) {
                held.set(at(key), name);
            }
        }
    }
    return (definition, properties) => {
        const at = placeIn(definition, properties);
        return (key) => {
            const holder = at === undefined ? undefined : held.get(at(key));
            return holder === undefined ? undefined : `${holder} declares it`;
        };
    };
}

async function heldKeys(
    { contextOf }: PlanContext,
    definition: Definition,
    { outputs, configuration }: StateResource,
    signal: AbortSignal,
): Promise<readonly string[]> {
    if (definition === "batchTask") {
        return [String(outputs.batchTaskId)];
    }
    if (destroyAct(definition, outputs) === undefined) {
        return [];
    }
    const looking = contextOf(configuration);
    if (!hasRule(outputs)) {
        return (await Targets.of(definition.targets, outputs, looking.clock)).keys;
    }
    const connection = await looking.connect({ stored: placeSchema.parse(outputs.place) }, signal);
    const lists = await looking.guardLists();
    return (await chooseTargets(looking, { definition, properties: outputs }, { connection, lists }, signal)).keys;
}

/** Tells targets of all places and services apart. */
function placeIn(definition: Definition, properties: Properties): ((key: string) => string) | undefined {
    const ofSet = definition === "batchTask" ? batchTaskDeletion : definition;
    const place = placeSchema.safeParse(properties.place);
    if (!place.success) {
        return undefined;
    }
    const at = JSON.stringify([ofSet.service.name, placeOf(ofSet, place.data, properties)]);
    return (key) => `${at} ${key}`;
}

function approvedOf(
    definition: Definition,
    properties: Properties,
    { place, targets }: Assessment,
): readonly ApprovedEntry[] {
    return definition === "batchTask"
        ? []
        : targets
              .filter(({ fate }) => fate === "due" || fate === "waits")
              .map(({ key, facts }) => approvedEntryOf({ definition, place, properties }, key, facts?.name));
}

function totalsOf(resources: readonly PlannedResource[]): Record<Fate, number> {
    const rank = new Map(FATES.map((fate, index) => [fate, index]));
    const best = new Map<string, Fate>();
    for (const { result } of resources) {
        if (isFailed(result) || isNothing(result)) {
            continue;
        }
        const { title, place, within, targets } = result;
        const at = JSON.stringify([title, place.region, place.projectId, within]);
        for (const { key, fate } of targets) {
            const before = best.get(`${at} ${key}`);
            if (before === undefined || (rank.get(fate) ?? 0) < (rank.get(before) ?? 0)) {
                best.set(`${at} ${key}`, fate);
            }
        }
    }
    return countFates([...best.values()].map((fate) => ({ fate })));
}

/** What the operation would submit in all. */
export function planned(plan: Plan): number {
    return toSubmit({ counts: plan.totals });
}
