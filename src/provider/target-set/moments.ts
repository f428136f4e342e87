import type { Act, TargetSetDefinition } from "../../services/definition";
import type { Properties } from "../hooks";
import { sameValue } from "../inputs/properties";
import { RULE_INPUT, RULE_INPUTS } from "../ownership/rule-text";
import type { StoredState } from "../state";
import type { Targets } from "../targets";
import { commonOf, whenOf } from "./inputs";

/** What is done at create and update; undefined: nothing. */
export function createAct(definition: TargetSetDefinition, properties: Properties): Act | undefined {
    return !definition.hasWhen || whenOf(properties) === "create" ? definition.acts(properties).onCreate : undefined;
}

/** What is done at delete; undefined: nothing. */
export function destroyAct(definition: TargetSetDefinition, properties: Properties): Act | undefined {
    return !definition.hasWhen || whenOf(properties) === "destroy" ? definition.acts(properties).onDestroy : undefined;
}

/** A change from one set of inputs to another. */
export interface Change {
    readonly definition: TargetSetDefinition;
    readonly olds: Properties;
    readonly news: Properties;
    readonly stored: StoredState;
}

/** What an update acts on: new ids, and those known to be unsettled or back; all targets where the goal is another one. */
export function dueTargets(
    { definition, olds, news, stored }: Change,
    targets: Targets,
    { fresh, held }: { readonly fresh: readonly string[]; readonly held: readonly string[] },
): readonly string[] {
    if (isAnotherGoal(definition, olds, news)) {
        return targets.keys;
    }
    const leftAlone = new Set(held);
    // Only the first of the open ones are stored: where there are more, all targets are inspected.
    if (stored.remaining > stored.open.length) {
        return held.length === 0 ? targets.keys : targets.keys.filter((key) => !leftAlone.has(key));
    }
    const due = new Set([...fresh, ...stored.open, ...stored.allowedToFail]);
    return targets.keys.filter((key) => due.has(key) && !leftAlone.has(key));
}

/** What was allowed to fail is left alone while the set and what is done to it are the same, and as many failures are still allowed. */
export function heldTargets({ definition, olds, news, stored }: Change): readonly string[] {
    const { allowedToFail } = stored;
    // Other inputs than those of the goal count too: they failed for want of `recursive`, perhaps.
    const asked = [
        ...definition.targets.map(({ input }) => input),
        RULE_INPUT,
        ...Object.keys(definition.inputs),
        "enterpriseProjectId",
    ];
    const isSame =
        asked.every((input) => sameValue(olds[input], news[input])) && !isAnotherGoal(definition, olds, news);
    const isAllowed = allowedToFail.length <= (commonOf(news).allowedFailures ?? 0);
    return isSame && isAllowed ? allowedToFail : [];
}

function isAnotherGoal(definition: TargetSetDefinition, olds: Properties, news: Properties): boolean {
    return (
        !sameValue(olds.when, news.when) || definition.goalInputs.some((input) => !sameValue(olds[input], news[input]))
    );
}

/** The stored place stays while its argument is left out or names the same; another one, or an unknown one, replaces. */
export function replacedPlace({ definition, olds, news, stored }: Change): readonly string[] {
    const storedInputs: Properties = stored.place;
    const moved = ["region", "projectId", "profile"].filter(
        (input) => news[input] !== undefined && !sameValue(storedInputs[input], news[input]),
    );
    return [...moved, ...definition.placeInputs.filter((input) => !sameValue(olds[input], news[input]))];
}

/** Whether an update of a rule that acts at once has something to look for: a change of only the run's limits has not. */
export function mustLookUp(change: Change, held: readonly string[]): boolean {
    const { definition, olds, news, stored } = change;
    const declares = [...definition.targets.map(({ input }) => input), ...RULE_INPUTS];
    return (
        isAnotherGoal(definition, olds, news) ||
        declares.some((input) => !sameValue(olds[input], news[input])) ||
        stored.remaining > 0 ||
        stored.lookPending === true ||
        held.length < stored.allowedToFail.length
    );
}
