import type { Problem } from "../../batch/api";
import { problemOf, problemText } from "../../batch/problem";
import { isAbsent } from "../../batch/session/absence";
import type { Session } from "../../batch/session/session";
import type { Place } from "../../cloud/call";
import { placeText } from "../../cloud/place/place-source";
import type { TargetSetDefinition } from "../../services/definition";
import type { Clock } from "../../util/clock";
import type { CallContext, Limit } from "../call";
import type { HooksContext } from "../context";
import type { Properties } from "../hooks";
import type { Targets } from "../targets";
import { within } from "../waiting/deadline";
import { commonOf } from "./inputs";

const SHOWN = 20;
/** An inspection that only warns must not use up the hook's time. Milliseconds. */
const LONGEST_INSPECTION = 10 * 60_000;
/** So long after an inspection that did not arrive at the place no other one that only warns is tried there. Milliseconds. */
const UNREACHABLE_FOR = 60_000;

/** Ids that are new, and the place that they are sought in. */
export interface FirstSeen {
    /** Inputs, or outputs that echo them. */
    readonly properties: Properties;
    readonly place: Place;
    readonly targets: Targets;
    /** Those whose ids are new. */
    readonly fresh: readonly string[];
    /** "update": that others of the set are known is a sign that the place is right. */
    readonly moment: "create" | "update";
}

/**
 * For a resource that does nothing yet: are the ids there that it will act on? In a wrong region all look gone, and that would
 * show only when the stack is destroyed, or never.
 */
export async function inspectNew(
    { clock }: HooksContext,
    definition: TargetSetDefinition,
    session: Session,
    seen: FirstSeen,
    call: CallContext,
    signal: AbortSignal,
): Promise<void> {
    const { properties, targets, fresh, moment } = seen;
    const { onMissing = "check" } = commonOf(properties);
    if (onMissing === "ignore" || fresh.length === 0) {
        return;
    }
    const undone = moment === "create" ? "nothing was recorded" : "nothing was changed";
    const tell = (text: string, isError: boolean, way: string) => {
        if (isError) {
            throw new Error(`${text}: ${undone}. ${way}`);
        }
        call.log("warning", `${text}: recorded all the same. ${way}`);
    };
    const subject = `${definition.service.title} ${definition.noun[1]}`;
    const where = whereText(definition, seen.place, properties);
    const found = await inspect(clock, session, seen, call, signal);
    if (found.is === "failed") {
        const text = `${subject}: whether ${counted(definition, fresh.length)} ${are(fresh)} there, in ${where}, can't be seen: ${problemText(found.problem)}`;
        tell(text, onMissing === "fail", 'onMissing: "ignore" does not look');
        return;
    }
    const { absent, unseen } = found;
    if (unseen.size > 0) {
        const [[, problem] = [undefined, undefined]] = unseen;
        const why = problem === undefined ? "" : `: ${problemText(problem)}`;
        const named = namesOf(targets, [...unseen.keys()]);
        const text = `${subject}: whether ${unseen.size} of ${fresh.length} ${are([...unseen])} there, in ${where}, is not known${why} (${named})`;
        tell(text, onMissing === "fail", 'onMissing: "ignore" does not look');
    }
    if (absent.length > 0 && absent.length === fresh.length) {
        const text = noneThere(definition, seen.place, properties, targets, fresh);
        tell(text, onMissing === "fail" || moment === "create", WAY_ON);
    } else if (absent.length > 0) {
        const text = `${subject}: ${absent.length} of ${fresh.length} ${are(absent)} not there, in ${where} (${namesOf(targets, absent)})`;
        tell(text, onMissing === "fail", WAY_ON);
    }
}

const WAY_ON =
    'Correct region, projectId or the ids, and run the same command again; for what is known to be gone leave the ids out, or set onMissing to "ignore"';

/** `Workspace APP image servers: none of the 30 is there, in region … (…), project … (…)` */
export function noneThere(
    definition: TargetSetDefinition,
    place: Place,
    properties: Properties,
    targets: Targets,
    keys: readonly string[],
): string {
    const which = keys.length === 1 ? "the one that is declared is not" : `none of the ${keys.length} is`;
    return `${definition.service.title} ${definition.noun[1]}: ${which} there, in ${whereText(definition, place, properties)} (${namesOf(targets, keys)})`;
}

/** Of what a delete does not find any more. */
export function lostLine(
    definition: TargetSetDefinition,
    place: Place,
    properties: Properties,
    targets: Targets,
    lost: readonly string[],
): string {
    const { service, noun } = definition;
    const where = whereText(definition, place, properties);
    const them = lost.length === 1 ? "it" : "them";
    return `${service.title} ${noun[1]}: ${lost.length} of ${targets.size} ${are(lost)} not there any more, in ${where}: nothing is done to ${them} (${namesOf(targets, lost)})`;
}

/** Region, project, where each came from, and what else is part of the place. */
export function whereText(definition: TargetSetDefinition, place: Place, properties: Properties): string {
    const given = definition.placeInputs.filter((input) => properties[input] !== undefined);
    const more = given.map((input) => `, ${input} ${String(properties[input])}`);
    return placeText(place) + more.join("");
}

type Inspected =
    | {
          readonly is: "seen";
          readonly absent: readonly string[];
          readonly unseen: ReadonlyMap<string, Problem>;
      }
    | { readonly is: "failed"; readonly problem: Problem };

/** One inspection, shared with all that ask at the same time. */
async function inspect(
    clock: Clock,
    session: Session,
    { fresh }: FirstSeen,
    call: CallContext,
    signal: AbortSignal,
): Promise<Inspected> {
    const problem = unreachableOf(session, clock);
    if (problem !== undefined) {
        return { is: "failed", problem };
    }
    const absent: string[] = [];
    const unseen = new Map<string, Problem>();
    try {
        await within(clock, firstLookLimit(call), (enough) =>
            session.looks.look(
                fresh,
                (key, state) => {
                    if (isAbsent(state)) {
                        absent.push(key);
                    } else if (state.is === "unseen") {
                        unseen.set(key, state.problem);
                    }
                },
                AbortSignal.any([signal, enough, session.cancelled]),
                // What was made in this operation is in no list that was read before.
                "now",
            ),
        );
    } catch (error) {
        signal.throwIfAborted();
        session.cancelled.throwIfAborted();
        return { is: "failed", problem: problemOf(error) };
    }
    return { is: "seen", absent, unseen };
}

/** What another resource has met there a short while ago: each with its own tries, a thousand resources would wait a thousand times as long. */
export function unreachableOf({ unreachable }: Session, clock: Clock): Problem | undefined {
    const ago = unreachable === undefined ? UNREACHABLE_FOR : clock.now() - unreachable.at;
    if (unreachable === undefined || ago >= UNREACHABLE_FOR) {
        return undefined;
    }
    const { problem } = unreachable;
    const seen = `seen for another resource, ${Math.round(ago / 1000)} s before`;
    return { ...problem, message: `${problem.message} (${seen})` };
}

/** For a look that only warns. */
export function firstLookLimit(call: CallContext): Limit {
    const ms = Math.min(LONGEST_INSPECTION, call.timeout().ms / 2);
    return { ms, text: `${Math.round(ms / 1000)} s`, source: "half of the timeout, at most 10m" };
}

function counted({ noun: [one, many] }: TargetSetDefinition, count: number): string {
    return count === 1 ? `the one ${one}` : `the ${count} ${many}`;
}

function are(keys: { readonly length: number }): string {
    return keys.length === 1 ? "is" : "are";
}

/** The first of them, for messages. */
function namesOf(targets: Targets, keys: readonly string[]): string {
    const named = keys.slice(0, SHOWN).map((key) => {
        const { id, kind } = targets.named(key);
        return kind === undefined ? id : `${kind} ${id}`;
    });
    const more = keys.length > SHOWN ? ` and ${keys.length - SHOWN} more` : "";
    return named.join(", ") + more;
}
