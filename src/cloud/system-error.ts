import { z } from "zod";

/** What Node says went wrong: "ENOENT", "ECONNRESET"; "" where there is no code. */
export interface SystemError {
    readonly name: string;
    readonly code: string;
    readonly message: string;
}

const shape = z.object({ name: z.string().catch(""), code: z.string().catch(""), message: z.string().catch("") });
const several = z.object({ errors: z.array(z.unknown()).min(1) });

/** By its shape, for an error may stem from another realm. Of several (one for each address tried) the first tells. */
export function systemError(error: unknown): SystemError {
    const first = several.safeParse(error);
    const read = shape.safeParse(first.success ? first.data.errors[0] : error);
    return read.success ? read.data : { name: "", code: "", message: String(error) };
}
