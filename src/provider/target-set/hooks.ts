import type { Problem } from "../../batch/api";
import { problemText } from "../../batch/problem";
import type { Session } from "../../batch/session/session";
import type { Place } from "../../cloud/call";
import type { Connection } from "../../cloud/cloud";
import type { Act, TargetSetDefinition } from "../../services/definition";
import type { ProcessContext } from "../context";
import { type Difference, Incomplete, type Properties, type ResourceHooks } from "../hooks";
import { resourceId, sameValue, urnOf } from "../inputs/properties";
import { type Limit, timeoutOf } from "../inputs/timeouts";
import type { Holding } from "../ownership/holders";
import { allowedLines, failureLines, leftBehindLines, succeeded } from "../report/lines";
import { afterRun, countsOf, readStoredState, recorded, type StoredState, stillOpen } from "../state";
import { Targets } from "../targets";
import { within } from "../waiting/deadline";
import { checkTargetSet, commonOf, whenOf } from "./inputs";
import type { FirstSeen } from "./missing";
import { holdingOf, leftAloneLines, placeOf } from "./ownership";
import type { Assignment, Ran } from "./run";

/** The hooks of every resource over a set of targets; what differs between them stands in their definitions. */
export function targetSetHooks(definition: TargetSetDefinition, context: ProcessContext): ResourceHooks {
    return new TargetSet(definition, context);
}

class TargetSet implements ResourceHooks {
    constructor(
        private readonly definition: TargetSetDefinition,
        private readonly context: ProcessContext,
    ) {}

    async check(news: Properties, olds: Properties) {
        const checked = await checkTargetSet(this.definition, news, this.context.clock);
        const holding = await holdingOf(this.definition, checked, this.context.clock);
        await this.context.ownership.onCheck(urnOf(news), !("__resource" in olds), holding);
        return checked;
    }

    async diff(olds: Properties, news: Properties): Promise<Difference> {
        const stored = readStoredState(olds);
        const replaces = this.replacedPlace(olds, news, stored);
        await this.context.ownership.onDiff(urnOf(news), replaces, this.placed(stored, news));
        const changes =
            replaces.length > 0 ||
            // A rename of stack, project or resource: progress and warnings are to find their row.
            !sameValue(olds.__urn, news.__urn) ||
            this.echoedInputs().some((input) => !sameValue(olds[input], news[input])) ||
            // Last: where all inputs are as they were, none is unknown.
            (stored.remaining > 0 && this.createAct(news) !== undefined);
        return { changes, replaces, deleteBeforeReplace: false };
    }

    async create(inputs: Properties) {
        return this.within(timeoutOf(inputs), async (signal) => {
            const { region, projectId, profile } = commonOf(inputs);
            const connection = await this.context.connect({ region, projectId, profile }, signal);
            const { place } = connection;
            const id = resourceId(inputs, place, this.context.newId());
            const targets = await this.targetsOf(inputs);
            await this.context.ownership.onMade(urnOf(inputs), this.placed(connection, inputs, targets));
            const act = this.createAct(inputs);
            if (act === undefined) {
                await this.lookForNew(inputs, connection, { targets, fresh: targets.keys, moment: "create" }, signal);
                return { id, outputs: this.outputs(inputs, recorded(place, targets)) };
            }
            const ran = await this.run(
                inputs,
                act,
                connection,
                { targets, due: targets.keys, fresh: targets.keys, unproven: targets.keys, moment: "create" },
                signal,
            );
            return { id, outputs: this.finish(id, inputs, connection, { targets, held: [] }, ran) };
        });
    }

    async read(id: string, outputs: Properties) {
        const stored = readStoredState(outputs);
        const act = this.createAct(outputs) ?? this.destroyAct(outputs);
        if (act === undefined || !this.watchesDrift()) {
            return { id, outputs };
        }
        return within(
            this.context.clock,
            timeoutOf(outputs),
            async (signal) => {
                const targets = await this.targetsOf(outputs);
                const session = await this.session(act, stored, signal);
                const there = new Set<string>();
                const unseen: string[] = [];
                let why: Problem | undefined;
                await session.targetPoller.poll(
                    targets.keys,
                    (key, state) => {
                        if (state.is !== "settled") {
                            there.add(key);
                        }
                        if (state.is === "unseen") {
                            unseen.push(key);
                            why ??= state.problem;
                        }
                        return true;
                    },
                    { firstLook: "now", onTrouble: "fail", signal },
                );
                if (why !== undefined) {
                    const text = `${unseen.length} of ${targets.size} ${this.definition.noun[1]} can't be seen, and count as still to be looked at: ${problemText(why)}`;
                    this.tell(outputs, "warning", text);
                }
                const allowedToFail = stored.allowedToFail.filter((key) => there.has(key));
                for (const key of allowedToFail) {
                    there.delete(key);
                }
                // In the set's own order, so that a look which shows nothing new changes nothing.
                const open = stillOpen(targets.keys.filter((key) => there.has(key)));
                // What 0.1 has stored stays as it stored it until something else changes.
                const allowed = outputs.allowedToFail === undefined ? {} : { allowedToFail };
                return { id, outputs: { ...outputs, ...open, ...allowed } };
            },
            { cancelled: this.context.cancelled, waits: false },
        );
    }

    async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
        const stored = readStoredState(olds);
        const targets = await this.targetsOf(news);
        const before = await this.targetsOf(olds);
        const fresh = targets.notIn(before);
        const act = this.createAct(news);
        await this.context.ownership.onMade(urnOf(news), this.placed(stored, news, targets));
        const held = act === undefined ? [] : this.held(olds, news, stored);
        const due = act === undefined ? [] : this.due(olds, news, stored, targets, { fresh, held });
        if (act === undefined || due.length === 0) {
            return this.within(timeoutOf(news), async (signal) => {
                if (act === undefined && fresh.length > 0 && commonOf(news).onMissing !== "ignore") {
                    const connection = await this.context.connect({ stored: stored.place }, signal);
                    await this.lookForNew(news, connection, { targets, fresh, moment: "update" }, signal);
                }
                const open = act === undefined ? targets.keys : [];
                return this.outputs(news, { ...stored, ...stillOpen(open), allowedToFail: [...held] });
            });
        }
        return this.within(timeoutOf(news), async (signal) => {
            const connection = await this.context.connect({ stored: stored.place }, signal);
            // What was only recorded before is acted on for the first time.
            const unproven = this.createAct(olds) === undefined ? targets.keys : fresh;
            const what = { targets, due, fresh, unproven, moment: "update" } as const;
            const ran = await this.run(news, act, connection, what, signal);
            return this.finish(id, news, connection, { targets, held }, ran);
        });
    }

    async remove(id: string, outputs: Properties): Promise<void> {
        const stored = readStoredState(outputs);
        const act = this.destroyAct(outputs);
        if (act === undefined) {
            return;
        }
        const targets = await this.targetsOf(outputs);
        const due = await this.notDeclared(id, outputs, stored, targets);
        if (due.length === 0) {
            return;
        }
        const limit = timeoutOf(outputs, this.context.env.HUAWEICLOUD_BATCH_TIMEOUT);
        await this.within(limit, async (signal) => {
            const connection = await this.context.connect({ stored: stored.place }, signal);
            const what = { targets, due, fresh: [], unproven: due, moment: "destroy" } as const;
            const { report, causes } = await this.run(outputs, act, connection, what, signal);
            if (due.every((key) => report.absent?.has(key))) {
                // Told of already. An action on what is not there any more would fail for ever.
                return;
            }
            // Of those as well where others are there.
            const lost = due.filter((key) => report.absent?.has(key) && report.outcomes.get(key)?.is === "failed");
            if (!succeeded(report, (commonOf(outputs).allowedFailures ?? 0) + lost.length)) {
                throw new Error(failureLines(this.definition, report, causes).join("\n"));
            }
            if (lost.length > 0 && commonOf(outputs).onMissing !== "ignore") {
                this.tell(outputs, "warning", this.lostLine(connection.place, outputs, targets, lost));
            }
            if (countsOf(report).failed > lost.length) {
                this.tell(outputs, "warning", leftBehindLines(this.definition, report, causes).join("\n"));
            }
        });
    }

    /** Of a hook that acts: what is under way at a cancellation is waited for. */
    private within<T>(limit: Limit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
        const { clock, cancelled } = this.context;
        return within(clock, limit, work, { cancelled, waits: true });
    }

    // --- what acts, and on what ----------------------------------------------------------------------------------

    private createAct(properties: Properties): Act | undefined {
        return !this.definition.hasWhen || whenOf(properties) === "create"
            ? this.definition.acts(properties).onCreate
            : undefined;
    }

    private destroyAct(properties: Properties): Act | undefined {
        return !this.definition.hasWhen || whenOf(properties) === "destroy"
            ? this.definition.acts(properties).onDestroy
            : undefined;
    }

    /** A resource that says when its targets must be gone looks whether they still are; an action once done has no drift. */
    private watchesDrift(): boolean {
        return this.definition.hasWhen;
    }

    /** New ids, and those that are known to be unsettled or back; all of them where it is another goal. */
    private due(
        olds: Properties,
        news: Properties,
        stored: StoredState,
        targets: Targets,
        { fresh, held }: { readonly fresh: readonly string[]; readonly held: readonly string[] },
    ): readonly string[] {
        if (this.isAnotherGoal(olds, news)) {
            return targets.keys;
        }
        const leftAlone = new Set(held);
        // Only the first of the open ones are stored: where there are more, looking at all of them tells.
        if (stored.remaining > stored.open.length) {
            return held.length === 0 ? targets.keys : targets.keys.filter((key) => !leftAlone.has(key));
        }
        const due = new Set([...fresh, ...stored.open, ...stored.allowedToFail]);
        return targets.keys.filter((key) => due.has(key) && !leftAlone.has(key));
    }

    /** What was allowed to fail is left alone while the set and what is done to it are the same, and so much is still allowed. */
    private held(olds: Properties, news: Properties, { allowedToFail }: StoredState): readonly string[] {
        const { targets, inputs } = this.definition;
        // Not the goal alone: another way there (`recursive`) may be what they failed for want of.
        const asked = [...targets.map(({ input }) => input), ...Object.keys(inputs), "enterpriseProjectId"];
        const isSame = asked.every((input) => sameValue(olds[input], news[input])) && !this.isAnotherGoal(olds, news);
        const isAllowed = allowedToFail.length <= (commonOf(news).allowedFailures ?? 0);
        return isSame && isAllowed ? allowedToFail : [];
    }

    private isAnotherGoal(olds: Properties, news: Properties): boolean {
        return (
            !sameValue(olds.when, news.when) ||
            this.definition.goalInputs.some((input) => !sameValue(olds[input], news[input]))
        );
    }

    private targetsOf(properties: Properties): Promise<Targets> {
        return Targets.of(this.definition.targets, properties, this.context.clock);
    }

    /** What is left of them to act on: what this operation's program still declares is not its old resource's to act on. */
    private async notDeclared(
        id: string,
        outputs: Properties,
        { place }: StoredState,
        targets: Targets,
    ): Promise<readonly string[]> {
        const { definition } = this;
        const judgement = await this.context.ownership.judge({
            urn: urnOf(outputs),
            id,
            kind: definition.service.name,
            place: placeOf(definition, place, outputs),
            keys: targets.keys,
            onlyResource: (definition.takesAway?.(outputs) ?? true) ? undefined : definition.resource,
            makesWay: false,
        });
        for (const { severity, text } of leftAloneLines(definition, targets, judgement)) {
            this.tell(outputs, severity, text);
        }
        return judgement.free;
    }

    /** What it holds where, once that is known; undefined if it acts only at create. */
    private placed(
        { place }: Pick<StoredState, "place">,
        properties: Properties,
        targets?: Targets,
    ): Holding | undefined {
        const { definition } = this;
        if (this.destroyAct(properties) === undefined) {
            return undefined;
        }
        return {
            urn: urnOf(properties),
            kind: definition.service.name,
            resource: definition.resource,
            exact: placeOf(definition, place, properties),
            ...(targets === undefined ? {} : { keys: targets.keys, complete: true }),
        };
    }

    /** The stored place stays while its argument is left out or names the same; another one, or an unknown one, replaces. */
    private replacedPlace(olds: Properties, news: Properties, { place }: StoredState): readonly string[] {
        const storedInputs: Properties = place;
        const moved = ["region", "projectId", "profile"].filter(
            (input) => news[input] !== undefined && !sameValue(storedInputs[input], news[input]),
        );
        return [...moved, ...this.definition.placeInputs.filter((input) => !sameValue(olds[input], news[input]))];
    }

    // --- running -------------------------------------------------------------------------------------------------

    private async session(act: Act, { place }: StoredState, signal: AbortSignal): Promise<Session> {
        return this.context.sessions.of(this.definition, act, await this.context.connect({ stored: place }, signal));
    }

    /** Fresh ids are those that are seen for the first time. */
    private run(
        properties: Properties,
        act: Act,
        connection: Connection,
        what: Pick<Assignment, "targets" | "due" | "fresh" | "unproven" | "moment">,
        signal: AbortSignal,
    ): Promise<Ran> {
        const session = this.context.sessions.of(this.definition, act, connection);
        const assignment = { ...what, properties, place: connection.place };
        return atWork().runTargets(this.context, this.definition, session, assignment, signal);
    }

    private finish(
        id: string,
        inputs: Properties,
        { place }: Connection,
        { targets, held }: { readonly targets: Targets; readonly held: readonly string[] },
        { report, causes }: Ran,
    ): Properties {
        const { allowedFailures = 0 } = commonOf(inputs);
        const good = succeeded(report, allowedFailures - held.length);
        const stored = afterRun(place, targets, report, causes, { held, good });
        const outputs = this.outputs(inputs, stored);
        if (good) {
            if (stored.counts.failed > 0) {
                const told = { leftAlone: stored.allowedToFail.length, retried: stored.remaining };
                this.tell(inputs, "warning", allowedLines(this.definition, report, causes, told).join("\n"));
            }
            return outputs;
        }
        const [summary, ...rest] = failureLines(this.definition, report, causes);
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

    /** Where nothing is acted on yet. */
    private async lookForNew(
        properties: Properties,
        connection: Connection,
        seen: Pick<FirstSeen, "targets" | "fresh" | "moment">,
        signal: AbortSignal,
    ): Promise<void> {
        const act = this.destroyAct(properties);
        if (act !== undefined && seen.fresh.length > 0 && commonOf(properties).onMissing !== "ignore") {
            const session = this.context.sessions.of(this.definition, act, connection);
            const firstSeen = { ...seen, properties, place: connection.place };
            await atWork().lookForNew(this.context, this.definition, session, firstSeen, signal);
        }
    }

    private outputs(inputs: Properties, stored: StoredState): Properties {
        const echo: Record<string, unknown> = {};
        const hidden = ["__resource", "__urn", "__provider"];
        for (const input of [...this.echoedInputs(), "region", "projectId", "profile", ...hidden]) {
            if (inputs[input] !== undefined) {
                echo[input] = inputs[input];
            }
        }
        return { ...echo, ...stored };
    }

    private echoedInputs(): readonly string[] {
        return [
            ...this.definition.targets.map(({ input }) => input),
            ...Object.keys(this.definition.inputs),
            ...(this.definition.hasWhen ? ["when"] : []),
            ...(this.definition.hasEnterpriseProject ? ["enterpriseProjectId"] : []),
            "timeout",
            "stallTimeout",
            "maxItems",
            "allowedFailures",
            "onMissing",
        ];
    }

    private lostLine(place: Place, outputs: Properties, targets: Targets, lost: readonly string[]): string {
        const { service, noun } = this.definition;
        const where = atWork().whereText(this.definition, place, outputs);
        const are = lost.length === 1 ? "is" : "are";
        return `${service.title} ${noun[1]}: ${lost.length} of ${targets.size} ${are} not there any more, in ${where}: nothing is done to ${lost.length === 1 ? "it" : "them"} (${atWork().namesOf(targets, lost)})`;
    }

    private tell(properties: Properties, severity: "info" | "warning", text: string): void {
        this.context.progress.note(urnOf(properties), severity, text);
    }
}

/** Check and diff need nothing of how a batch is done. */
function atWork(): typeof import("./run") {
    return require("./run");
}
