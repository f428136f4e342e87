import type { Session } from "../../batch/session/session";
import type { Connection } from "../../cloud/cloud";
import type { Act, TargetSetDefinition } from "../../services/definition";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import { type Difference, Incomplete, type Properties, type Resource, type ResourceHooks } from "../hooks";
import { resourceId, sameValue } from "../inputs/properties";
import type { Holding } from "../ownership/holders";
import { allowedLines, failureLines, leftBehindLines, succeeded } from "../report/lines";
import { afterRun, countsOf, readStoredState, recorded, type StoredState, stillOpen } from "../state";
import { Targets } from "../targets";
import { withThrottledRow } from "../throttled-row";
import { within } from "../waiting/deadline";
import { checkTargetSet, commonOf } from "./inputs";
import type { FirstSeen } from "./missing";
import { createAct, destroyAct, dueTargets, heldTargets, replacedPlace } from "./moments";
import { echoedInputs, outputsOf } from "./outputs";
import { holdingOf, leftAloneLines, placeOf } from "./ownership";
import type { Assignment, Ran } from "./run";

/** The hooks of every resource over a set of targets; what differs between them stands in their definitions. */
export function targetSetHooks(definition: TargetSetDefinition, context: HooksContext): ResourceHooks {
    return withThrottledRow(new TargetSet(definition, context), definition.service, context);
}

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
        await this.context.ownership.onDiff(urn, replaces, this.placed(urn, stored, news));
        const changes =
            replaces.length > 0 ||
            // A rename of stack, project or resource: progress and warnings are to find their row.
            !sameValue(olds.__urn, news.__urn) ||
            echoedInputs(definition).some((input) => !sameValue(olds[input], news[input])) ||
            // Last: where all inputs are as they were, none is unknown.
            (stored.remaining > 0 && createAct(definition, news) !== undefined);
        return { changes, replaces, deleteBeforeReplace: false };
    }

    async create(inputs: Properties, call: CallContext): Promise<Resource> {
        return this.within(call, async (signal) => {
            const { region, projectId, profile } = commonOf(inputs);
            const connection = await this.context.connect({ region, projectId, profile }, signal);
            const { place } = connection;
            const id = resourceId(inputs, place, this.context.newId());
            const targets = await this.targetsOf(inputs);
            await this.context.ownership.onMade(call.urn, this.placed(call.urn, connection, inputs, targets));
            const act = createAct(this.definition, inputs);
            if (act === undefined) {
                const firstSeen = { targets, fresh: targets.keys, moment: "create" } as const;
                await this.inspectNew(inputs, connection, firstSeen, call, signal);
                return { id, outputs: outputsOf(this.definition, inputs, recorded(place, targets)) };
            }
            const all = targets.keys;
            const what = { targets, due: all, fresh: all, unproven: all, moment: "create" } as const;
            const ran = await this.run(inputs, act, connection, what, call, signal);
            return { id, outputs: this.finish(id, inputs, connection, { targets, held: [] }, ran, call) };
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
                const targets = await this.targetsOf(outputs);
                const connection = await this.context.connect({ stored: stored.place }, signal);
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
        const before = await this.targetsOf(olds);
        const fresh = targets.notIn(before);
        const act = createAct(definition, news);
        const change = { definition, olds, news, stored };
        await this.context.ownership.onMade(call.urn, this.placed(call.urn, stored, news, targets));
        const held = act === undefined ? [] : heldTargets(change);
        const due = act === undefined ? [] : dueTargets(change, targets, { fresh, held });
        if (act === undefined || due.length === 0) {
            return this.within(call, async (signal) => {
                if (act === undefined && fresh.length > 0 && commonOf(news).onMissing !== "ignore") {
                    const connection = await this.context.connect({ stored: stored.place }, signal);
                    await this.inspectNew(news, connection, { targets, fresh, moment: "update" }, call, signal);
                }
                const open = stillOpen(act === undefined ? targets.keys : []);
                return outputsOf(definition, news, { ...stored, ...open, allowedToFail: [...held] });
            });
        }
        return this.within(call, async (signal) => {
            const connection = await this.context.connect({ stored: stored.place }, signal);
            // What was only recorded before is acted on for the first time.
            const unproven = createAct(definition, olds) === undefined ? targets.keys : fresh;
            const what = { targets, due, fresh, unproven, moment: "update" } as const;
            const ran = await this.run(news, act, connection, what, call, signal);
            return this.finish(id, news, connection, { targets, held }, ran, call);
        });
    }

    async remove(id: string, outputs: Properties, call: CallContext): Promise<void> {
        const stored = readStoredState(outputs);
        const act = destroyAct(this.definition, outputs);
        if (act === undefined) {
            return;
        }
        const targets = await this.targetsOf(outputs);
        const due = await this.notDeclared(id, outputs, stored, targets, call);
        if (due.length === 0) {
            return;
        }
        await this.within(call, async (signal) => {
            const connection = await this.context.connect({ stored: stored.place }, signal);
            const what = { targets, due, fresh: [], unproven: due, moment: "destroy" } as const;
            const ran = await this.run(outputs, act, connection, what, call, signal);
            this.finishRemoval(outputs, connection, { targets, due }, ran, call);
        });
    }

    /** `waits`: what is under way at a cancellation is waited for. What may act reads its guards before anything is sent. */
    private async within<T>(call: CallContext, work: (signal: AbortSignal) => Promise<T>, waits = true): Promise<T> {
        if (waits) {
            await this.context.guardLists();
        }
        return within(this.context.clock, call.timeout(), work, { cancelled: call.cancelled, waits });
    }

    private targetsOf(properties: Properties): Promise<Targets> {
        return Targets.of(this.definition.targets, properties, this.context.clock);
    }

    private session(act: Act, connection: Connection): Session {
        return this.context.sessions.of(this.definition, act, connection);
    }

    /** What is left to act on: what the program of this operation still declares is not for the old resource to act on. */
    private async notDeclared(
        id: string,
        outputs: Properties,
        { place }: StoredState,
        targets: Targets,
        call: CallContext,
    ): Promise<readonly string[]> {
        const { definition } = this;
        const judgement = await this.context.ownership.judge({
            urn: call.urn,
            id,
            kind: definition.service.name,
            place: placeOf(definition, place, outputs),
            keys: targets.keys,
            onlyResource: (definition.takesAway?.(outputs) ?? true) ? undefined : definition.resource,
            deleteBeforeReplace: false,
        });
        for (const { severity, text } of leftAloneLines(definition, targets, judgement)) {
            call.log(severity, text);
        }
        return judgement.free;
    }

    /** What it holds where, once that is known; undefined if it acts only at create. */
    private placed(
        urn: string,
        { place }: Pick<StoredState, "place">,
        properties: Properties,
        targets?: Targets,
    ): Holding | undefined {
        const { definition } = this;
        if (destroyAct(definition, properties) === undefined) {
            return undefined;
        }
        return {
            urn,
            kind: definition.service.name,
            resource: definition.resource,
            exact: placeOf(definition, place, properties),
            ...(targets === undefined ? {} : { keys: targets.keys, complete: true }),
        };
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

    private finish(
        id: string,
        inputs: Properties,
        { place }: Connection,
        { targets, held }: { readonly targets: Targets; readonly held: readonly string[] },
        { report, causes }: Ran,
        call: CallContext,
    ): Properties {
        const { allowedFailures = 0 } = commonOf(inputs);
        const good = succeeded(report, allowedFailures - held.length);
        const stored = afterRun(place, targets, report, causes, { held, good });
        const outputs = outputsOf(this.definition, inputs, stored);
        if (good) {
            if (stored.counts.failed > 0) {
                const counts = { leftAlone: stored.allowedToFail.length, retried: stored.remaining };
                call.log("warning", allowedLines(this.definition, report, causes, counts).join("\n"));
            }
            return outputs;
        }
        const [summary, ...rest] = failureLines(this.definition, report, causes, "up");
        const before =
            held.length === 0
                ? []
                : [`${held.length} more failed before, as was allowed; allowedFailures is ${allowedFailures}`];
        const lines = [summary, ...before, ...rest];
        if (report.submitted) {
            throw new Incomplete(id, outputs, lines);
        }
        throw new Error(lines.join("\n"));
    }

    private finishRemoval(
        outputs: Properties,
        { place }: Connection,
        { targets, due }: { readonly targets: Targets; readonly due: readonly string[] },
        { report, causes }: Ran,
        call: CallContext,
    ): void {
        if (due.every((key) => report.absent?.has(key))) {
            // The run has warned of it. An action on what is not there any more would fail for ever.
            return;
        }
        const { allowedFailures = 0, onMissing } = commonOf(outputs);
        // The same where only some are not there.
        const lost = due.filter((key) => report.absent?.has(key) && report.outcomes.get(key)?.is === "failed");
        if (!succeeded(report, allowedFailures + lost.length)) {
            throw new Error(failureLines(this.definition, report, causes, "destroy").join("\n"));
        }
        if (lost.length > 0 && onMissing !== "ignore") {
            call.log("warning", loadRun().lostLine(this.definition, place, outputs, targets, lost));
        }
        if (countsOf(report).failed > lost.length) {
            call.log("warning", leftBehindLines(this.definition, report, causes).join("\n"));
        }
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

function loadRefresh(): typeof import("./refresh") {
    return require("./refresh");
}
