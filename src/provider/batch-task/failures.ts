import type { CloudClient } from "../../cloud/call";
import { type Child, showChild } from "../../services/vias/api";
import { Causes } from "../report/causes";
import { firstIds } from "../report/lines";

/** Children that are asked why they failed, one call each. */
const MOST_ASKED = 100;

/** Why children of a batch task are not well; of the last time that they were to be brought somewhere. */
export interface ChildCauses {
    readonly causes: Causes;
    readonly lines: readonly string[];
}

export const noChildCauses: ChildCauses = { causes: new Causes(), lines: [] };

/** That they failed is known; why, is told where the cloud tells it now. */
export async function explainChildren(
    client: CloudClient,
    failed: readonly Child[],
    signal: AbortSignal,
): Promise<ChildCauses> {
    const ids = new Set(failed.map(({ id }) => id));
    const causes = new Causes((id) => ids.has(id));
    const names = new Map<string, string>();
    for (const [index, child] of failed.entries()) {
        const detail =
            index < MOST_ASKED ? await showChild(client, child.id, signal).catch(() => undefined) : undefined;
        const { code = "", message = "" } = detail?.error ?? {};
        const { id, name, state } = child;
        names.set(id, name === undefined ? id : `${name} (${id})`);
        causes.add({ id, kind: state, name, problem: { code, message } });
    }
    const lines = causes.list().map(({ kind = "", code, message, ids: alike }) => {
        const tasks = alike.length === 1 ? "1 task is" : `${alike.length} tasks are`;
        const why = `${code} ${message}`.trim();
        const who = firstIds(alike.map((id) => names.get(id) ?? id));
        return `${tasks} ${kind}${why === "" ? "" : `: ${why}`}: ${who}`;
    });
    const more = causes.others.length;
    return { causes, lines: more > 0 ? [...lines, `and ${more} more, of other causes`] : lines };
}
