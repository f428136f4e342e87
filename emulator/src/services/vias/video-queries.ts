import * as z from "zod";
import { pageOf, queryInteger } from "../paging";

/** Of the lists of groups, sources and services. */
export const paging = (page_num: z.ZodType<number, string>) => ({
    is_paged: z.enum(["true", "false"]).default("true"),
    page_size: queryInteger(5, 200).default(10),
    page_num: page_num.default(1),
});

interface Paging {
    readonly is_paged: "true" | "false";
    readonly page_size: number;
    readonly page_num: number;
}

export const pagedOf = <T>(found: readonly T[], { is_paged, page_size, page_num }: Paging): readonly T[] =>
    is_paged === "true" ? pageOf(found, (page_num - 1) * page_size, page_size) : found;

/** A parameter that may come several times, or with commas. */
export const several = <Value extends string>(value: z.ZodType<Value, string>) =>
    z
        .union([z.string(), z.array(z.string())])
        .transform((given) => [given].flat().flatMap((text) => text.split(",")))
        .pipe(z.array(value));
