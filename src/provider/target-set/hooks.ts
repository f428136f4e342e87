import type { Session } from "../../batch/session/session";
import type { Connection } from "../../cloud/cloud";
import type { Act, TargetSetDefinition } from "../../services/definition";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import type { Difference, Properties, Resource, ResourceHooks } from "../hooks";
import { resourceId, sameValue } from "../inputs/properties";
import { lazyConnection } from "../ownership/matched-now";
import { ruleText } from "../ownership/rule-text";
import { readStoredState, recorded, stillOpen } from "../state";
import { Targets } from "../targets";
import { withThrottledRow } from "../throttled-row";
import { deadlineOf, withinDeadline } from "../waiting/deadline";
import { diffNote } from "./diff-note";
import { checkTargetSet, commonOf } from "./inputs";
import type { FirstSeen } from "./missing";
import { type Change, createAct, destroyAct, dueTargets, heldTargets, replacedPlace } from "./moments";
import { echoedInputs, outputsOf } from "./outputs";
import { holdingOf, notDeclared, placedHolding } from "./ownership";
import type { Assignment, Ran } from "./run";

/** The hooks of every resource over a set of targets; what differs between them stands in their definitions. */
export function targetSetHooks(definition: TargetSetDefinition, context: HooksContext): ResourceHooks {
    return withThrottledRow(new TargetSet(definition, context), definition.service, context);
}

/** A resource whose inputs have a rule instead of ids does the same by the hooks in matching-hooks.ts. */
class TargetSet implements ResourceHooks {
    constructor(
        private readonly definition: TargetSetDefinition,
        private readonly context: HooksContext,
    ) {}

    async check(news: Properties, olds: Properties, { urn }: CallContext) {
        const checked = await checkTargetSet(this.definition, news, this.context.clock);
        const holding = await holdingOf(this.definition, checked, this.context.clock);
        await this.context.ownership.onCheck(urn, !("__resource" in olds), holding);
        return checked;
    }

    async diff(olds: Properties, news: Properties, { urn }: CallContext): Promise<Difference> {
        const { definition } = this;
        const stored = readStoredState(olds);
        const replaces = replacedPlace({ definition, olds, news, stored });
        await this.context.ownership.onDiff(urn, replaces, placedHolding(definition, urn, stored, news));
        const isOpen = stored.remaining > 0 || stored.lookPending === true;
        const changes =
            replaces.length > 0 ||
            // A rename of stack, project or resource: progress and warnings are to find their row.
            !sameValue(olds.__urn, news.__urn) ||
            echoedInputs(definition).some((input) => !sameValue(olds[input], news[input])) ||
            // Last: where all inputs are as they were, none is unknown.
            (isOpen && createAct(definition, news) !== undefined);
        const note = changes && replaces.length === 0 ? await this.note({ definition, olds, news, stored }) : {};
        return { changes, replaces, deleteBeforeReplace: false, ...note };
    }

    private async note(change: Change): Promise<Pick<Difference, "note">> {
        const note = await diffNote(change, this.context.clock);
        return note === undefined ? {} : { note };
    }

    async create(inputs: Properties, call: CallContext): Promise<Resource> {
        const { definition } = this;
        return this.within(call, async (signal) => {
            const { region, projectId, profile } = commonOf(inputs);
            const connection = await this.context.connect({ region, projectId, profile }, signal);
            const { place } = connection;
            const id = resourceId(inputs, place, this.context.newId());
            const targets = await this.targetsOf(inputs);
            const holding = placedHolding(definition, call.urn, connection, inputs, targets);
            await this.context.ownership.onMade(call.urn, holding);
            if (ruleText(inputs) !== undefined) {
                return { id, outputs: await this.matching().create({ id, inputs, connection }, call, signal) };
            }
            const act = createAct(definition, inputs);
            if (act === undefined) {
                const firstSeen = { targets, fresh: targets.keys, moment: "create" } as const;
                await this.inspectNew(inputs, connection, firstSeen, call, signal);
                return { id, outputs: outputsOf(definition, inputs, recorded(place, targets)) };
            }
            const all = targets.keys;
            const what = { targets, due: all, fresh: all, unproven: all, moment: "create" } as const;
            const ran = await this.run(inputs, act, connection, what, call, signal);
            const finished = { id, inputs, place, targets, held: [], ran };
            return { id, outputs: loadFinish().finishRun(definition, finished, call) };
        });
    }

    async read(id: string, outputs: Properties, call: CallContext): Promise<Resource> {
        const { definition } = this;
        const stored = readStoredState(outputs);
        const act = createAct(definition, outputs) ?? destroyAct(definition, outputs);
        // A resource that says when its targets must be gone is inspected for drift; an action once done has none.
        if (act === undefined || !definition.hasWhen) {
            return { id, outputs };
        }
        return this.within(
            call,
            async (signal) => {
                const connection = await this.context.connect({ stored: stored.place }, signal);
                if (ruleText(outputs) !== undefined) {
                    return { id, outputs: await this.matching().read({ outputs, stored, connection }, call, signal) };
                }
                const targets = await this.targetsOf(outputs);
                const session = this.session(act, connection);
                const { inspectTargets } = loadRefresh();
                const seen = await inspectTargets(definition, session, { targets, stored }, call, signal);
                const { allowedToFail, ...open } = seen;
                // 0.1 did not store it: a refresh alone does not add it.
                const allowed = outputs.allowedToFail === undefined ? {} : { allowedToFail };
                return { id, outputs: { ...outputs, ...open, ...allowed } };
            },
            false,
        );
    }

    async update(id: string, olds: Properties, news: Properties, call: CallContext): Promise<Properties> {
        const { definition } = this;
        const stored = readStoredState(olds);
        const targets = await this.targetsOf(news);
        const change = { definition, olds, news, stored };
        await this.context.ownership.onMade(call.urn, placedHolding(definition, call.urn, stored, news, targets));
        if (ruleText(news) !== undefined) {
            return this.within(call, (signal) => this.matching().update(id, change, call, signal));
        }
        const before = await this.targetsOf(olds);
        const fresh = targets.notIn(before);
        const act = createAct(definition, news);
        const held = act === undefined ? [] : heldTargets(change);
        const due = act === undefined ? [] : dueTargets(change, targets, { fresh, held });
        if (act === undefined || due.length === 0) {
            return this.within(call, async (signal) => {
                if (act === undefined && fresh.length > 0 && commonOf(news).onMissing !== "ignore") {
                    const connection = await this.context.connect({ stored: stored.place }, signal);
                    await this.inspectNew(news, connection, { targets, fresh, moment: "update" }, call, signal);
                }
                const { lookPending: _, ...kept } = stored;
                const open = stillOpen(act === undefined ? targets.keys : []);
                return outputsOf(definition, news, { ...kept, ...open, allowedToFail: [...held] });
            });
        }
        return this.within(call, async (signal) => {
            const connection = await this.context.connect({ stored: stored.place }, signal);
            const { place } = connection;
            // What was only recorded before is acted on for the first time.
            const unproven = createAct(definition, olds) === undefined ? targets.keys : fresh;
            const what = { targets, due, fresh, unproven, moment: "update" } as const;
            const ran = await this.run(news, act, connection, what, call, signal);
            return loadFinish().finishRun(definition, { id, inputs: news, place, targets, held, ran }, call);
        });
    }

    async remove(id: string, outputs: Properties, call: CallContext): Promise<void> {
        const { definition } = this;
        const stored = readStoredState(outputs);
        const act = destroyAct(definition, outputs);
        if (act === undefined) {
            return;
        }
        await this.within(call, async (signal) => {
            const connect = lazyConnection(this.context, stored.place, signal);
            const removal = { id, outputs, place: stored.place, connect };
            if (ruleText(outputs) !== undefined) {
                return this.matching().remove(removal, call, signal);
            }
            const targets = await this.targetsOf(outputs);
            const due = await notDeclared(this.context, definition, { ...removal, targets }, call, signal);
            if (due.length === 0) {
                return;
            }
            const connection = await connect();
            const { place } = connection;
            const what = { targets, due, fresh: [], unproven: due, moment: "destroy" } as const;
            const ran = await this.run(outputs, act, connection, what, call, signal);
            loadFinish().finishRemoval(definition, { outputs, place, targets, due, ran }, call);
        });
    }

    /** `waits`: what is under way at a cancellation is waited for. A list of the guards that can't be used stops it before anything is sent. */
    private async within<T>(call: CallContext, work: (signal: AbortSignal) => Promise<T>, waits = true): Promise<T> {
        await this.context.guardLists();
        return withinDeadline(this.context.clock, deadlineOf(call), work, { cancelled: call.cancelled, waits });
    }

    private targetsOf(properties: Properties): Promise<Targets> {
        return Targets.of(this.definition.targets, properties, this.context.clock);
    }

    private session(act: Act, connection: Connection): Session {
        return this.context.sessions.of(this.definition, act, connection);
    }

    private matching() {
        return new (loadMatchingHooks().MatchingHooks)(this.definition, this.context);
    }

    private async run(
        properties: Properties,
        act: Act,
        connection: Connection,
        what: Pick<Assignment, "targets" | "due" | "fresh" | "unproven" | "moment">,
        call: CallContext,
        signal: AbortSignal,
    ): Promise<Ran> {
        const { place } = connection;
        const lists = await this.context.guardLists();
        const guard = loadRun().guardOf(
            lists,
            { definition: this.definition, place, properties },
            commonOf(properties).maxItems,
        );
        const assignment = { ...what, properties, place, guard, guardText: loadRun().guardListsText(lists) };
        const session = this.session(act, connection);
        return loadRun().runTargets(this.context, this.definition, session, assignment, call, signal);
    }

    /** Where nothing is acted on yet: are the ids there? */
    private async inspectNew(
        properties: Properties,
        connection: Connection,
        seen: Pick<FirstSeen, "targets" | "fresh" | "moment">,
        call: CallContext,
        signal: AbortSignal,
    ): Promise<void> {
        const act = destroyAct(this.definition, properties);
        if (act !== undefined && seen.fresh.length > 0 && commonOf(properties).onMissing !== "ignore") {
            const session = this.session(act, connection);
            const firstSeen = { ...seen, properties, place: connection.place };
            await loadRun().inspectNew(this.context, this.definition, session, firstSeen, call, signal);
        }
    }
}

/** Check and diff need nothing of how a batch is done. */
function loadRun(): typeof import("./run") {
    return require("./run");
}

function loadFinish(): typeof import("./finish") {
    return require("./finish");
}

function loadRefresh(): typeof import("./refresh") {
    return require("./refresh");
}

/** Loaded where a resource has a rule. */
function loadMatchingHooks(): typeof import("./matching-hooks") {
    return require("./matching-hooks");
}
