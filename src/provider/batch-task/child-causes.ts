import type { ChildFailure } from "../../services/vias/batch-task";
import { Causes } from "../report/causes";
import { firstIds } from "../report/lines";

/** Why children of a batch task are not well, grouped by cause: for the outputs, and as lines for people. */
export interface ChildCauses {
    readonly causes: Causes;
    readonly lines: readonly string[];
}

export function childCauses(failures: readonly ChildFailure[]): ChildCauses {
    const names = new Map(failures.map(({ id, name }) => [id, name === undefined ? id : `${name} (${id})`]));
    const causes = new Causes((id) => names.has(id));
    for (const { id, name, state, problem } of failures) {
        causes.add({ id, kind: state, name, problem });
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
