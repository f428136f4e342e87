import * as z from "zod";

/** A whole number in a query: digits only, within bounds. */
export const queryInteger = (min: number, max: number) =>
    z
        .string()
        .regex(/^\d{1,10}$/, "must be an integer")
        .transform(Number)
        .pipe(z.number().min(min).max(max));

/** A whole number that is brought within bounds, not refused. */
export const clampedInteger = (min: number, max: number) =>
    z
        .string()
        .regex(/^-?\d{1,10}$/, "must be an integer")
        .transform((text) => Math.min(max, Math.max(min, Number(text))));

/** The query of a call for which an empty value is as good as none. */
export const withoutEmpty = (query: unknown): unknown =>
    typeof query === "object" && query !== null
        ? Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""))
        : query;

/** An enumeration given as a comma-separated list. */
export const commaList = <const Value extends string>(values: readonly Value[]) =>
    z
        .string()
        .transform((text) => text.split(","))
        .pipe(z.array(z.enum(values)));

export function pageOf<T>(items: readonly T[], offset: number, limit: number): T[] {
    return items.slice(offset, offset + limit);
}
