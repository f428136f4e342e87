import { ApiFailure } from "../../batch/api";
import { problemOf, problemText } from "../../batch/problem";
import type { Connection } from "../../cloud/cloud";
import type { Act, TargetSetDefinition } from "../../services/definition";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import { guardListsText } from "../guards/guard-lists";
import type { Properties } from "../hooks";
import type { Selection } from "../matching/select";
import { recorded, type StoredState, stillOpen } from "../state";
import { Targets } from "../targets";
import { within } from "../waiting/deadline";
import { finishRemoval, finishRun } from "./finish";
import { commonOf } from "./inputs";
import { countLine, noneListedLine, noneMatchesLine } from "./matching-lines";
import { lookUp, runMatching } from "./matching-run";
import { firstLookLimit, unreachableOf, whereText } from "./missing";
import { type Change, createAct, destroyAct, heldTargets, mustLookUp } from "./moments";
import { outputsOf } from "./outputs";
import { notDeclared, type Removal } from "./ownership";
import { inspectTargets } from "./refresh";

/**
 * What the hooks do where a resource has a rule instead of ids: what matches is looked up when the resource acts, and at refresh. The
 * state holds the rule, not what it matched.
 */
export class MatchingHooks {
    constructor(
        private readonly definition: TargetSetDefinition,
        private readonly context: HooksContext,
    ) {}

    async create(
        {
            id,
            inputs,
            connection,
        }: { readonly id: string; readonly inputs: Properties; readonly connection: Connection },
        call: CallContext,
        signal: AbortSignal,
    ): Promise<Properties> {
        const { definition } = this;
        const { place } = connection;
        const act = createAct(definition, inputs);
        if (act === undefined) {
            await this.count({ properties: inputs, connection }, call, signal);
            const nothing = await Targets.ofKeys(definition.targets, [], this.context.clock);
            return outputsOf(definition, inputs, recorded(place, nothing));
        }
        return this.run(act, { id, properties: inputs, connection, moment: "create", mayHold: [] }, call, signal);
    }

    /** For `when: "create"` how many match is drift. For `when: "destroy"` it changes by itself, so only the row shows it. */
    async read(
        { outputs, stored, connection }: Refreshed,
        call: CallContext,
        signal: AbortSignal,
    ): Promise<Properties> {
        const { definition, context } = this;
        const act = createAct(definition, outputs);
        const lists = await context.guardLists();
        const selection = await lookUp(context, definition, { properties: outputs, connection, lists }, call, signal);
        call.row(() => countLine(definition, selection, guardListsText(lists)));
        if (act === undefined) {
            return outputs;
        }
        const targets = await Targets.ofKeys(definition.targets, selection.keys, context.clock);
        const session = context.sessions.of(definition, act, connection);
        // Something that matches may be in the state that the act leads to: a list may show what is in the bin.
        const seen =
            targets.size === 0
                ? { ...stillOpen([]), allowedToFail: [] }
                : await inspectTargets(definition, session, { targets, stored }, call, signal);
        const { lookPending: _, ...kept } = outputs;
        return { ...kept, ...seen };
    }

    async update(id: string, change: Change, call: CallContext, signal: AbortSignal): Promise<Properties> {
        const { definition } = this;
        const { news, stored } = change;
        const act = createAct(definition, news);
        const mayHold = act === undefined ? [] : heldTargets(change);
        const { lookPending: _, ...kept } = stored;
        const looks = mustLookUp(change, mayHold);
        if (act === undefined) {
            if (looks) {
                const connection = await this.context.connect({ stored: stored.place }, signal);
                await this.count({ properties: news, connection }, call, signal);
            }
            return outputsOf(definition, news, { ...kept, ...stillOpen([]), allowedToFail: [] });
        }
        if (!looks) {
            return outputsOf(definition, news, { ...kept, ...stillOpen([]), allowedToFail: [...mayHold] });
        }
        const connection = await this.context.connect({ stored: stored.place }, signal);
        return this.run(act, { id, properties: news, connection, moment: "update", mayHold }, call, signal);
    }

    async remove(removal: Omit<Removal, "targets">, call: CallContext, signal: AbortSignal): Promise<void> {
        const { definition, context } = this;
        const { outputs, connect } = removal;
        const act = destroyAct(definition, outputs);
        if (act === undefined) {
            return;
        }
        const connection = await connect();
        const { place } = connection;
        const { ran, targets, leftAlone, lookFailed } = await runMatching(
            context,
            definition,
            {
                properties: outputs,
                connection,
                session: context.sessions.of(definition, act, connection),
                moment: "destroy",
                dueOf: async (keys) =>
                    notDeclared(
                        context,
                        definition,
                        { ...removal, targets: await Targets.ofKeys(definition.targets, keys, context.clock) },
                        call,
                        signal,
                    ),
                onLooked: (selection) => this.toldAtDestroy(selection, { properties: outputs, connection }, call),
            },
            call,
            signal,
        );
        const isLeft = new Set(leftAlone);
        const due = targets.keys.filter((key) => !isLeft.has(key));
        if (due.length > 0 || lookFailed !== undefined) {
            finishRemoval(definition, { outputs, place, targets, due, ran, lookFailed }, call);
        }
    }

    private async run(act: Act, acting: Acting, call: CallContext, signal: AbortSignal): Promise<Properties> {
        const { definition, context } = this;
        const { id, properties, connection, moment, mayHold } = acting;
        const mayBeHeld = new Set(mayHold);
        const { ran, targets, leftAlone, lookFailed } = await runMatching(
            context,
            definition,
            {
                properties,
                connection,
                session: context.sessions.of(definition, act, connection),
                moment,
                dueOf: async (keys) => (mayBeHeld.size === 0 ? keys : keys.filter((key) => !mayBeHeld.has(key))),
                onLooked: (selection) => this.toldAtOnce(selection, acting, call),
            },
            call,
            signal,
        );
        const { place } = connection;
        return finishRun(
            definition,
            { id, inputs: properties, place, targets, held: leftAlone, ran, lookFailed },
            call,
        );
    }

    /** Where nothing is acted on yet: shows how many match, and tells of a place that lists nothing of this kind, which may be a wrong one. */
    private async count({ properties, connection }: Looking, call: CallContext, signal: AbortSignal): Promise<void> {
        const { definition, context } = this;
        if (commonOf(properties).onMissing === "ignore") {
            return;
        }
        const tell = (text: string, way: string) => call.log("warning", `${text}: recorded all the same. ${way}`);
        const { place } = connection;
        const lists = await context.guardLists();
        const act = destroyAct(definition, properties);
        const session = act === undefined ? undefined : context.sessions.of(definition, act, connection);
        let selection: Selection;
        try {
            const problem = session === undefined ? undefined : unreachableOf(session, context.clock);
            if (problem !== undefined) {
                throw new ApiFailure(problem, true);
            }
            selection = await within(context.clock, firstLookLimit(call), (enough) =>
                lookUp(context, definition, { properties, connection, lists }, call, AbortSignal.any([signal, enough])),
            );
        } catch (error) {
            signal.throwIfAborted();
            call.cancelled.throwIfAborted();
            if (session !== undefined && error instanceof ApiFailure && error.unreachable) {
                session.unreachable = { at: context.clock.now(), problem: error.problem };
            }
            const subject = `${definition.service.title} ${definition.noun[1]}`;
            const where = whereText(definition, place, properties);
            tell(
                `${subject}: whether any matches, in ${where}, can't be seen: ${problemText(problemOf(error))}`,
                'onMissing: "ignore" does not look',
            );
            return;
        }
        call.row(() => countLine(definition, selection, guardListsText(lists)));
        if (selection.listed === 0) {
            tell(noneListedLine(definition, { selection, properties, place }), WRONG_PLACE);
        }
    }

    /** At create and update: nothing that matches is what is wanted, but a place that lists nothing of this kind may be a wrong one. */
    private toldAtOnce(selection: Selection, { properties, connection }: Looking, call: CallContext): void {
        const { definition } = this;
        this.tellOfList(selection, call);
        if (selection.listed > 0 || commonOf(properties).onMissing === "ignore") {
            return;
        }
        const text = noneListedLine(definition, { selection, properties, place: connection.place });
        call.log("warning", `${text}: nothing is left to do there. ${WRONG_PLACE}`);
    }

    private toldAtDestroy(selection: Selection, { properties, connection }: Looking, call: CallContext): void {
        const { definition } = this;
        this.tellOfList(selection, call);
        if (selection.keys.length > 0 || commonOf(properties).onMissing === "ignore") {
            return;
        }
        const empty = { selection, properties, place: connection.place };
        const text =
            selection.listed === 0
                ? `${noneListedLine(definition, empty)}: nothing was done there. If that is not where they live, no stack knows this rule any more`
                : `${noneMatchesLine(definition, empty)}: nothing was done`;
        call.log("warning", text);
    }

    /** What a run's progress would push out of the row. */
    private tellOfList(selection: Selection, call: CallContext): void {
        if (selection.kept > 0 || selection.mayNotShow !== undefined) {
            call.log("info", countLine(this.definition, selection));
        }
    }
}

/** A refresh. */
export interface Refreshed {
    readonly outputs: Properties;
    readonly stored: StoredState;
    readonly connection: Connection;
}

interface Looking {
    /** Inputs, or outputs that echo them. */
    readonly properties: Properties;
    readonly connection: Connection;
}

interface Acting extends Looking {
    readonly moment: "create" | "update";
    /** Of the resource. */
    readonly id: string;
    /** What an earlier run was allowed to leave: left alone where it matches. */
    readonly mayHold: readonly string[];
}

const WRONG_PLACE =
    'If that is not where they live, correct region or projectId and run the same command again; onMissing: "ignore" silences this';
