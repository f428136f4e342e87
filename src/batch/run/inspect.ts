import type { TargetState } from "../api";
import type { PollOptions } from "../polling/poller";
import type { Session } from "../session/session";

/** One inspection of these, which other runs share that are due. `states` gets what was seen, also where the inspection fails midway. */
export async function inspect(
    { targetPoller }: Session,
    keys: readonly string[],
    options: Omit<PollOptions, "first">,
    states = new Map<string, TargetState>(),
): Promise<Map<string, TargetState>> {
    const onState = (key: string, state: TargetState) => {
        states.set(key, state);
        return true;
    };
    await targetPoller.poll(keys, onState, { ...options, first: "now" });
    return states;
}
