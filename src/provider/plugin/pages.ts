import * as z from "zod";

/** What a call for a page of a list says. */
export interface PageRequest {
    /** The most rows; 0: no limit. */
    readonly limit: number;
    /** The most rows of this page; 0: all that are left. */
    readonly size: number;
    /** From the page before; empty for the first one. */
    readonly token: string;
}

export interface Page<Row> {
    readonly rows: readonly Row[];
    /** The token for the next page; undefined: this is the last one. */
    readonly next: string | undefined;
}

/** The token: where to go on, and how far the limit is used up. */
const positionSchema = z.object({ after: z.string(), given: z.number(), limit: z.number() });

/** One page of the rows. Throws where the token is none, or its row is not in the list any more. */
export function pageOf<Row extends { readonly id: string }>(rows: readonly Row[], request: PageRequest): Page<Row> {
    const { limit, size, token } = request;
    const position = token === "" ? undefined : positionOf(token);
    const from = position === undefined ? 0 : rows.findIndex(({ id }) => id === position.after) + 1;
    if (position !== undefined && from === 0) {
        throw new Error("the list has changed, and the place to go on is not in it any more: list from its beginning");
    }
    const used = position?.limit === limit ? position.given : 0;
    // The protocol's limit is that of all pages. The CLI sends with each page what is left of it (cmd/pulumi/do/do_resource.go).
    const left = limit > 0 ? Math.max(0, limit - used) : Number.POSITIVE_INFINITY;
    const page = rows.slice(from, from + Math.min(left, size > 0 ? size : left));
    const last = page.at(-1);
    const isEnd = last === undefined || from + page.length === rows.length || page.length === left;
    const next = isEnd ? undefined : { after: last.id, given: used + page.length, limit };
    return {
        rows: page,
        next: next === undefined ? undefined : Buffer.from(JSON.stringify(next)).toString("base64url"),
    };
}

function positionOf(token: string): z.infer<typeof positionSchema> {
    try {
        return positionSchema.parse(JSON.parse(Buffer.from(token, "base64url").toString()));
    } catch {
        throw new Error("the continuation token is not one of this list");
    }
}
