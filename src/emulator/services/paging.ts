import * as z from "zod";

/** A whole number in a query: digits only, within bounds. */
export const queryInteger = (min: number, max: number) =>
    z
        .string()
        .regex(/^\d{1,10}$/, "must be an integer")
        .transform(Number)
        .pipe(z.number().min(min).max(max));

/** An enumeration given as a comma-separated list. */
export const commaList = <const Value extends string>(values: readonly Value[]) =>
    z
        .string()
        .transform((text) => text.split(","))
        .pipe(z.array(z.enum(values)));

export function pageOf<T>(items: readonly T[], offset: number, limit: number): T[] {
    return items.slice(offset, offset + limit);
}
