import type { Problem } from "../../batch/api";
import type { RunReport } from "../../batch/outcome";
import { problemOf } from "../../batch/problem";
import type { Session } from "../../batch/session/session";
import type { Connection } from "../../cloud/cloud";
import type { TargetSetDefinition } from "../../services/definition";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import { guardOf } from "../guards/guard";
import type { GuardLists } from "../guards/guard-lists";
import { guardListsText } from "../guards/guard-lists";
import { MAX_ITEMS } from "../guards/refusals";
import type { Properties } from "../hooks";
import { type Selection, selectTargets } from "../matching/select";
import { countsOf } from "../state";
import { Targets } from "../targets";
import { commonOf } from "./inputs";
import { mergedReport } from "./merged-report";
import { explained, type Moment, type Ran, runOnce } from "./run";

export interface Matching {
    /** Inputs, or outputs that echo them: they hold the rule. */
    readonly properties: Properties;
    readonly connection: Connection;
    readonly session: Session;
    readonly moment: Moment;
    /** Those of the keys that match which are to be acted on. The others are left alone. */
    readonly dueOf: (keys: readonly string[]) => Promise<readonly string[]>;
    /** Called with the first look. */
    readonly onLooked: (selection: Selection) => void;
}

export interface MatchingRan {
    readonly ran: Ran;
    /** All that matched in some look of this run, with what was left alone. */
    readonly targets: Targets;
    readonly leftAlone: readonly string[];
    /** Why the last look failed: whether more match is not known. */
    readonly lookFailed: Problem | undefined;
}

/**
 * Looks up what a rule matches and runs it. Then looks again for what has appeared meanwhile, until a look shows nothing new. Throws if
 * the first look fails, because nothing was sent then.
 */
export async function runMatching(
    context: HooksContext,
    definition: TargetSetDefinition,
    matching: Matching,
    call: CallContext,
    signal: AbortSignal,
): Promise<MatchingRan> {
    const { properties, connection, session, moment } = matching;
    const { place } = connection;
    const lists = await context.guardLists();
    // One for all runs: maxItems counts what they submit together.
    const guard = guardOf(lists, { definition, place, properties }, commonOf(properties).maxItems);
    const always = { properties, place, moment, guard, guardText: guardListsText(lists), fresh: [], unproven: [] };
    const look = () => lookUp(context, definition, { properties, connection, lists }, call, signal);
    const reports: RunReport[] = [];
    const leftAlone = new Set<string>();
    const isKnown = (key: string) => leftAlone.has(key) || reports.some(({ outcomes }) => outcomes.has(key));
    let lookFailed: Problem | undefined;
    let found = await first(look, matching);
    while (found.length > 0) {
        const due = await matching.dueOf(found);
        addOthers(leftAlone, found, due);
        if (due.length === 0) {
            break;
        }
        const targets = await Targets.ofKeys(definition.targets, due, context.clock);
        // In the order of the ids, as a preview asks the guard: where maxItems lets only some pass, both name the same ones.
        const of = { ...always, targets, due: targets.keys };
        const report = await runOnce(context, definition, session, of, call, signal);
        reports.push(report);
        if (report.stopped !== undefined || hasTooMany(report)) {
            // A run that stopped and left nothing open is not to pass for one after which nothing more was to be found.
            lookFailed = countsOf(report).unknown + report.notTried === 0 ? report.stopped : undefined;
            break;
        }
        try {
            const { keys } = await look();
            found = keys.filter((key) => !isKnown(key));
        } catch (error) {
            lookFailed = problemOf(
                call.cancelled.aborted ? call.cancelled.reason : signal.aborted ? signal.reason : error,
            );
            break;
        }
        if (found.length > 0) {
            call.log("info", appearedLine(definition, found.length));
        }
    }
    const report = mergedReport(reports, vanished(reports));
    const left = [...leftAlone];
    const targets = await Targets.ofKeys(definition.targets, [...report.outcomes.keys(), ...left], context.clock);
    const ran = await explained(context, definition, targets, report, call);
    return { ran, targets, leftAlone: left, lookFailed };
}

/** What the rule of a resource matches now in its place. Throws ApiFailure, also where the list could not be read to its end. */
export async function lookUp(
    { clock, sessions }: HooksContext,
    definition: TargetSetDefinition,
    { properties, connection, lists }: Pick<Matching, "properties" | "connection"> & { readonly lists: GuardLists },
    { cancelled, record }: CallContext,
    signal: AbortSignal,
): Promise<Selection> {
    const client = connection.client(definition.service);
    const readList = sessions.lists.of(definition.service, connection);
    const options = { now: clock.now(), keep: lists.keep, readList };
    const either = AbortSignal.any([signal, cancelled]);
    const selection = await selectTargets(definition, client, properties, options, either);
    const { keys, kept, listed } = selection;
    record.place(connection.place);
    record.counted({ matching: keys.length, kept, listed });
    return selection;
}

async function first(look: () => Promise<Selection>, { onLooked }: Matching): Promise<readonly string[]> {
    const selection = await look();
    onLooked(selection);
    return selection.keys;
}

function addOthers(others: Set<string>, keys: readonly string[], without: readonly string[]): void {
    if (without.length === keys.length) {
        return;
    }
    const left = new Set(without);
    for (const key of keys) {
        if (!left.has(key)) {
            others.add(key);
        }
    }
}

/** Looking for more is of no use: nothing more is sent. */
function hasTooMany({ outcomes }: RunReport): boolean {
    for (const outcome of outcomes.values()) {
        if (outcome.is === "failed" && outcome.problem.code === MAX_ITEMS) {
            return true;
        }
    }
    return false;
}

/** What was there when it was looked up, and not when the run inspected it, matches nothing any more: no failure, and no target. */
function vanished(reports: readonly RunReport[]): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const { absent, outcomes } of reports) {
        absent?.forEach((key) => {
            if (outcomes.get(key)?.is === "failed") {
                keys.add(key);
            }
        });
    }
    return keys;
}

function appearedLine({ noun: [one, many] }: TargetSetDefinition, count: number): string {
    const what = count === 1 ? `1 more ${one} matches` : `${count} more ${many} match`;
    return `${what} by now, and did not when this run began: ${count === 1 ? "it is" : "they are"} acted on too`;
}
