import type { Problem } from "../../../batch/api";
import type { CloudClient } from "../../../cloud/call";
import { type Child, showChild } from "./children";

/** Children that are asked why they failed, one call each. */
const MOST_ASKED = 100;

/** A child that is not well. */
export interface ChildFailure {
    readonly id: string;
    readonly name: string | undefined;
    /** In upper case. */
    readonly state: string;
    /** Empty where the cloud does not say why. */
    readonly problem: Problem;
}

/** That they failed is known; the reason is given where the cloud tells it now. */
export async function explainChildren(
    client: CloudClient,
    failed: readonly Child[],
    signal: AbortSignal,
): Promise<readonly ChildFailure[]> {
    const explained: ChildFailure[] = [];
    for (const { id, name, state } of failed) {
        const asked = explained.length < MOST_ASKED;
        const detail = asked ? await showChild(client, id, signal).catch(() => undefined) : undefined;
        const { code = "", message = "" } = detail?.error ?? {};
        explained.push({ id, name, state, problem: { code, message } });
    }
    return explained;
}
