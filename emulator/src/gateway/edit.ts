import * as z from "zod";

/**
 * Changes to the JSON of an answer: what makes a cloud lie. `at` is a JSON pointer in which `*` stands for every
 * element of an array; arrays can be turned round (`reverse`), lose their first element (`drop-first`) or show it twice
 * (`repeat-first`).
 */
export const editSchema = z.discriminatedUnion("do", [
    z.strictObject({ do: z.literal("set"), at: z.string(), value: z.unknown() }),
    z.strictObject({ do: z.literal("remove"), at: z.string() }),
    z.strictObject({ do: z.literal("reverse"), at: z.string() }),
    z.strictObject({ do: z.literal("drop-first"), at: z.string() }),
    z.strictObject({ do: z.literal("repeat-first"), at: z.string() }),
    z.strictObject({ do: z.literal("append"), at: z.string(), value: z.unknown() }),
]);
export type Edit = z.infer<typeof editSchema>;

/** Returns an edited copy; edits whose place does not exist change nothing. */
export function edited(body: unknown, edits: readonly Edit[]): unknown {
    let result: unknown = structuredClone(body);
    for (const edit of edits) {
        const steps = edit.at.split("/").slice(1);
        result = apply(result, steps, edit);
    }
    return result;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

function apply(value: unknown, steps: readonly string[], edit: Edit): unknown {
    const [step, ...rest] = steps;
    if (step === undefined) {
        return atPlace(value, edit);
    }
    if (Array.isArray(value)) {
        return value.map((element, index) =>
            step === "*" || step === String(index) ? apply(element, rest, edit) : element,
        );
    }
    if (!isRecord(value)) {
        return value;
    }
    if (rest.length === 0 && edit.do === "remove") {
        const { [step]: _, ...others } = value;
        return others;
    }
    if (!(step in value) && edit.do !== "set") {
        return value;
    }
    return { ...value, [step]: apply(value[step], rest, edit) };
}

function atPlace(value: unknown, edit: Edit): unknown {
    switch (edit.do) {
        case "set":
            return edit.value;
        case "remove":
            return undefined;
        case "reverse":
            return Array.isArray(value) ? value.toReversed() : value;
        case "drop-first":
            return Array.isArray(value) ? value.slice(1) : value;
        case "repeat-first":
            return Array.isArray(value) ? [...value.slice(0, 1), ...value] : value;
        case "append":
            return Array.isArray(value) ? [...value, edit.value] : value;
    }
}
