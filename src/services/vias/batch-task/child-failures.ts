import type { Problem } from "../../../batch/api";
import type { CloudClient } from "../../../cloud/call";
import { type Child, showChild } from "./children";

/** For how many failed children the reason is read, one call each. */
const MAX_READ = 100;

/** A failed child. */
export interface ChildFailure {
    readonly id: string;
    readonly name: string | undefined;
    /** In upper case. */
    readonly state: string;
    /** Its message is empty if the cloud gives no reason. */
    readonly problem: Problem;
}

/** Reads why children failed. A read that fails only leaves the reason out: that they failed is known. */
export async function explainChildren(
    client: CloudClient,
    failed: readonly Child[],
    signal: AbortSignal,
): Promise<readonly ChildFailure[]> {
    const explained: ChildFailure[] = [];
    for (const { id, name, state } of failed) {
        const isRead = explained.length < MAX_READ;
        const detail = isRead ? await showChild(client, id, signal).catch(() => undefined) : undefined;
        const { code = "", message = "" } = detail?.error ?? {};
        explained.push({ id, name, state, problem: { code, message } });
    }
    return explained;
}
