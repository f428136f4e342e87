import type { Problem, TargetFacts, TargetState } from "../../batch/api";
import type { Guard } from "../../batch/guard";
import { problemText } from "../../batch/problem";
import { isAbsent } from "../../batch/session/absence";
import type { Connection } from "../../cloud/cloud";
import type { Act, TargetSetDefinition } from "../../services/definition";
import { guardOf } from "../guards/guard";
import { KEPT, MAX_ITEMS, NOT_APPROVED } from "../guards/refusals";
import { readStoredState } from "../state";
import { commonOf } from "../target-set/inputs";
import { type Change, createAct, destroyAct, dueTargets, heldTargets } from "../target-set/moments";
import { type AssessedTarget, type Assessment, countFates, type Fate, type NothingToDo } from "./assessment";
import { type Chosen, chooseTargets } from "./choose";
import type { AssessmentContext, Subject } from "./subject";

/**
 * What the operation would do for one resource, target by target: the decision that a run would make on the strength of this look.
 * Reads only. Rejects with what kept it from looking: CloudError, ApiFailure, or the signal's reason.
 */
export async function assess(
    context: AssessmentContext,
    subject: Subject,
    signal: AbortSignal,
): Promise<Assessment | NothingToDo> {
    const { definition, properties, where } = subject;
    const act = actAt(subject);
    if (act === undefined) {
        return { nothing: whyNothing(subject) };
    }
    const lists = await context.guardLists();
    const connection = await context.connect(where, signal);
    const chosen = await chooseTargets(context, subject, { connection, lists }, signal);
    const { states, effect } = await inspect(context, { definition, act, connection }, chosen.keys, signal);
    const leftAlone = whyLeftAlone(subject, chosen);
    const refused =
        subject.unguarded === true
            ? NONE_REFUSED
            : refusedOf(
                  guardOf(lists, { definition, place: connection.place, properties }, commonOf(properties).maxItems),
                  states,
                  chosen.keys.filter((key) => leftAlone(key) === undefined),
              );
    const assessed: AssessedTarget[] = [];
    for (const key of chosen.keys) {
        const state = states.get(key) ?? NOT_SHOWN;
        // What the list has shown, and what has gone since, matches nothing any more.
        if (chosen.matching === undefined || !isAbsent(state)) {
            const facts = factsOf(state);
            assessed.push({
                key,
                ...chosen.named(key),
                ...decide(state, leftAlone(key), refused.get(key)),
                ...(facts === undefined ? {} : { facts }),
                ...(isAbsent(state) ? { absent: true } : {}),
            });
        }
    }
    assessed.push(...chosen.kept);
    return {
        resource: definition.resource,
        title: definition.service.title,
        noun: definition.noun,
        action: effect === "deletes" ? "delete" : act.variant,
        effect,
        place: connection.place,
        within: definition.placeInputs
            .filter((input) => properties[input] !== undefined)
            .map((input) => `${input} ${String(properties[input])}`),
        targets: assessed,
        counts: countFates(assessed),
        ...(chosen.matching === undefined ? {} : { matching: chosen.matching }),
        absent: assessed.filter(({ absent }) => absent).length,
        at: context.clock.now(),
    };
}

/** What is done at that moment; undefined: nothing. */
function actAt({ definition, properties, moment }: Subject): Act | undefined {
    return moment === "destroy" ? destroyAct(definition, properties) : createAct(definition, properties);
}

function whyNothing({ definition, moment }: Subject): string {
    if (moment === "destroy") {
        return definition.hasWhen ? 'when is "create": destroy touches nothing' : "no onDestroy: destroy does nothing";
    }
    return definition.hasWhen ? 'when is "destroy": up only records the targets' : "no onCreate: up does nothing";
}

async function inspect(
    { sessions }: AssessmentContext,
    of: { readonly definition: TargetSetDefinition; readonly act: Act; readonly connection: Connection },
    keys: readonly string[],
    signal: AbortSignal,
): Promise<{ readonly states: ReadonlyMap<string, TargetState>; readonly effect: "deletes" | "acts" }> {
    const session = sessions.of(of.definition, of.act, of.connection);
    const states = new Map<string, TargetState>();
    await session.looks.look(keys, (key, state) => states.set(key, state), signal);
    return { states, effect: session.api.effect };
}

const NONE_REFUSED: ReadonlyMap<string, Problem> = new Map();

/** What the guard refuses of those that would be submitted, asked in the order of a run: those that are ready before those that wait. */
function refusedOf(
    guard: Guard,
    states: ReadonlyMap<string, TargetState>,
    keys: readonly string[],
): ReadonlyMap<string, Problem> {
    const inState = (is: TargetState["is"]) => keys.filter((key) => states.get(key)?.is === is);
    const submitted = [...inState("ready"), ...inState("blocked")];
    return guard.refuse(submitted, (key) => {
        const state = states.get(key);
        return state === undefined ? undefined : factsOf(state);
    });
}

/** No inspection leaves a key out: a state that is missing is not to be taken for an absence. */
const NOT_SHOWN: TargetState = {
    is: "unseen",
    problem: { code: "NotShown", message: "the inspection shows nothing of it" },
};

function factsOf(state: TargetState): TargetFacts | undefined {
    return state.is === "unseen" ? undefined : state.facts;
}

const REFUSED: Readonly<Record<string, Fate>> = {
    [KEPT]: "kept",
    [NOT_APPROVED]: "notApproved",
    [MAX_ITEMS]: "aboveMaxItems",
};

/** As a run decides (batch/run/reconciler.ts), with what keeps this operation from acting on it. */
function decide(
    state: TargetState,
    leftAlone: string | undefined,
    refused: Problem | undefined,
): Pick<AssessedTarget, "fate" | "why"> {
    switch (state.is) {
        case "settled":
        case "inProgress":
            return { fate: state.is };
        case "impossible":
        case "unseen":
            return { fate: state.is, why: problemText(state.problem) };
        case "ready":
        case "blocked":
            break;
    }
    if (leftAlone !== undefined) {
        return { fate: "leftAlone", why: leftAlone };
    }
    if (refused !== undefined) {
        return { fate: REFUSED[refused.code] ?? "impossible", why: refused.message };
    }
    return state.is === "blocked" ? { fate: "waits", why: state.reason } : { fate: "due" };
}

function whyLeftAlone(
    { definition, properties, moment, holder = () => undefined }: Subject,
    chosen: Chosen,
): (key: string) => string | undefined {
    if (moment !== "unchanged") {
        return holder;
    }
    const stored = readStoredState(properties);
    const change = { definition, olds: properties, news: properties, stored };
    const held = heldTargets(change);
    const allowed = new Set(held);
    // As diff and update have it: without something open there is no update.
    const isOpen = stored.remaining > 0 || stored.lookPending === true;
    const due = new Set(isOpen ? dueOf(change, chosen, held) : []);
    return (key) => {
        if (due.has(key)) {
            return holder(key);
        }
        if (allowed.has(key)) {
            return "it failed before, as allowedFailures allows";
        }
        if (!definition.hasWhen) {
            return "it was acted on before: an action is not repeated";
        }
        return chosen.matching === undefined ? BACK : MATCHES;
    };
}

function dueOf(change: Change, { keys, declared }: Chosen, held: readonly string[]): readonly string[] {
    return declared === undefined
        ? keys.filter((key) => !held.includes(key))
        : dueTargets(change, declared, { fresh: [], held });
}

const REFRESH = "which the state does not know yet: `pulumi up --refresh` acts on it";
const BACK = `it is there again, ${REFRESH}`;
const MATCHES = `it matches, ${REFRESH}`;
