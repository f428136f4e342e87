import * as z from "zod";
import type { EmulatorControl } from "./client";
import type { Control } from "./control";
import { ControlProblem } from "./problem";
import { changeSchema, removeSchema } from "./schemas";

/** The calls of control that are made by the thousand, without HTTP. Nothing is shared between caller and world. */
export function directControl(
    control: Control,
): Pick<EmulatorControl, "seed" | "clearFaults" | "objects" | "change" | "remove" | "auditLog"> {
    return {
        seed: async (seed) => control.seed(JSON.parse(JSON.stringify(seed))).ids,
        clearFaults: async () => control.clearFaults(),
        objects: async (service, kind, project) =>
            control.objects({ service, kind, project }).map((found) => ({ ...found, object: copyOf(found.object) })),
        change: async (change) => control.change(judged(changeSchema, structuredClone(change))),
        remove: async (removal) => control.remove(judged(removeSchema, removal)),
        auditLog: async () => {
            const { submissions, doubleSubmissions, requests, tombstones } = control.auditLog();
            return {
                submissions: submissions.map((each) => ({ ...each, ids: [...each.ids] })),
                doubleSubmissions: doubleSubmissions.map((each) => ({ ...each })),
                requests: structuredClone(requests),
                tombstones: tombstones.map((each) => ({ ...each })),
            };
        },
    };
}

function judged<T>(schema: z.ZodType<T>, value: unknown): T {
    const result = schema.safeParse(value);
    if (!result.success) {
        throw new ControlProblem(z.prettifyError(result.error));
    }
    return result.data;
}

function copyOf(object: object): Record<string, unknown> {
    const copy: Record<string, unknown> = { ...object };
    for (const name in copy) {
        const value = copy[name];
        if (typeof value === "object") {
            copy[name] = copyOfValue(value);
        }
    }
    return copy;
}

function copyOfValue(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(copyOfValue);
    }
    return typeof value === "object" && value !== null ? copyOf(value) : value;
}
