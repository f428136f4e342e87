import * as z from "zod";

/** What Node says went wrong: "ENOENT", "ECONNRESET"; "" where there is no code. */
export interface SystemError {
    readonly name: string;
    readonly code: string;
    readonly message: string;
}

const one = z.object({ name: z.string().catch(""), code: z.string().catch(""), message: z.string().catch("") });
const several = z.object({ errors: z.array(z.unknown()).min(1) });

/** By its shape: an error may come from another realm. Of several (one for each address tried) the first counts. */
export function systemError(error: unknown): SystemError {
    const first = several.safeParse(error);
    const read = one.safeParse(first.success ? first.data.errors[0] : error);
    return read.success ? read.data : { name: "", code: "", message: String(error) };
}
