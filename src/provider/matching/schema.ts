import * as z from "zod";
import type { TargetSetDefinition } from "../../services/definition";
import type { Criterion, ListedKind } from "../../services/listed-kind";
import { nearest } from "../../util/nearest";
import { parseAge } from "../inputs/duration";

/** A longer list of exceptions is a keep list, which is a file: a stack stores the rule. */
const MOST_VALUES = 1_000;
const LONGEST_VALUE = 256;

/** The argument `matching` of a resource: sets in order and without duplicates, values of pairs as lists. */
export function matchingSchema(definition: TargetSetDefinition): z.ZodType {
    const kinds = definition.targets.map(({ listed }) => listed);
    const [only] = kinds;
    if (only !== undefined && only.group === undefined) {
        return kindSchema(only);
    }
    return z.strictObject(Object.fromEntries(kinds.map((kind) => [kind.group ?? "", kindSchema(kind).optional()])));
}

/** The criteria of one kind. */
export function kindSchema({ states, criteria }: ListedKind): z.ZodType {
    return z.strictObject({
        names: textsOf(text).optional(),
        olderThan: age.optional(),
        newerThan: age.optional(),
        ...(states === undefined ? {} : { states: textsOf(oneOf(states)).optional() }),
        ...Object.fromEntries(Object.entries(criteria).map(([name, each]) => [name, criterionSchema(each).optional()])),
        except: textsOf(text).optional(),
    });
}

const text = z
    .string()
    .min(1, "must not be empty")
    .max(LONGEST_VALUE, `must have ${LONGEST_VALUE} letters at most`)
    .refine((value) => value === value.trim(), "must not begin or end with white space")
    .refine((value) => !/\p{Cc}/u.test(value), "must not hold control characters");

// Messages hold no value: it may be secret.
const age = z
    .string()
    .refine(isAge, 'must be an age above zero and of ten years at most, such as "30d", "36h" or "1d12h"');

function isAge(value: string): boolean {
    try {
        return parseAge(value) > 0;
    } catch {
        return false;
    }
}

function oneOf(known: readonly string[]): z.ZodType<string> {
    return z.string().superRefine((value, context) => {
        if (!known.includes(value)) {
            const meant = nearest(value, known);
            const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
            context.addIssue({ code: "custom", message: `must be one of ${known.join(", ")}${hint}` });
        }
    });
}

function textsOf(element: z.ZodType<string>) {
    return z
        .array(element)
        .min(1, "must not be empty: leave it out where nothing is meant")
        .max(MOST_VALUES, `must have ${MOST_VALUES} values at most`)
        .transform((values): readonly string[] => [...new Set(values)].sort());
}

function criterionSchema({ is, known }: Criterion): z.ZodType {
    const element = known === undefined ? text : oneOf(known);
    return is === "pairs" ? pairs : textsOf(element);
}

const pairs = z
    .record(text, z.union([text.transform((value): readonly string[] => [value]), textsOf(text)]))
    .refine((values) => Object.keys(values).length > 0, "must not be empty: leave it out where nothing is meant")
    .transform((values) => Object.fromEntries(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1))));
