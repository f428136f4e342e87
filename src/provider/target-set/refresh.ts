import type { Problem } from "../../batch/api";
import { problemText } from "../../batch/problem";
import type { Session } from "../../batch/session/session";
import type { TargetSetDefinition } from "../../services/definition";
import type { CallContext } from "../call";
import { type StoredState, stillOpen } from "../state";
import type { Targets } from "../targets";

/** Inspects all targets: which of them are there, so that the next update has to act on them. */
export async function inspectTargets(
    definition: TargetSetDefinition,
    session: Session,
    { targets, stored }: { readonly targets: Targets; readonly stored: StoredState },
    call: CallContext,
    signal: AbortSignal,
): Promise<Pick<StoredState, "remaining" | "open" | "allowedToFail">> {
    const there = new Set<string>();
    const unseen: string[] = [];
    let why: Problem | undefined;
    await session.looks.look(
        targets.keys,
        (key, state) => {
            if (state.is !== "settled") {
                there.add(key);
            }
            if (state.is === "unseen") {
                unseen.push(key);
                why ??= state.problem;
            }
        },
        signal,
    );
    if (why !== undefined) {
        const text = `${unseen.length} of ${targets.size} ${definition.noun[1]} can't be seen, and count as still to be looked at: ${problemText(why)}`;
        call.log("warning", text);
    }
    call.record.counted({ targets: targets.size, there: there.size - unseen.length, notSeen: unseen.length });
    const allowedToFail = stored.allowedToFail.filter((key) => there.has(key));
    for (const key of allowedToFail) {
        there.delete(key);
    }
    // In the set's own order, so that a refresh which finds nothing new changes nothing.
    return { ...stillOpen(targets.keys.filter((key) => there.has(key))), allowedToFail };
}
