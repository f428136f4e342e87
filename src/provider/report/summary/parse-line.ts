import * as z from "zod";
import { lazy } from "../../../util/lazy";
import { FORMAT, type ReportLine } from "../record/lines";

const schema = lazy(() => {
    const text = z.string();
    const keys = z.array(text);
    const call = z.number();
    const at = z.iso.datetime();
    const outcome = z.enum(["deleted", "alreadyGone", "done", "alreadyDone", "failed", "unknown"]);
    const of = <Is extends string, Shape extends z.ZodRawShape>(is: Is, shape: Shape) =>
        z.object({ is: z.literal(is), at, ...shape });
    return z.discriminatedUnion("is", [
        of("process", { format: z.literal(FORMAT), version: z.number(), package: text, pid: z.number() }),
        of("hook", {
            call,
            hook: z.enum(["create", "read", "update", "delete"]),
            urn: text,
            resource: text,
        }),
        of("place", { call, region: text, projectId: text }),
        of("targets", { call, noun: text, kinds: keys, keys }),
        of("named", { call, names: z.array(z.tuple([text, text])) }),
        of("identified", { call, key: text, id: text }),
        of("submitting", { call, operation: text, keys }),
        of("submitted", { call, keys, job: text.exactOptional(), requestId: text.exactOptional() }),
        of("jobEnded", { call, job: text, status: text }),
        of("settled", {
            call,
            keys,
            outcome,
            code: text.exactOptional(),
            message: text.exactOptional(),
            requestId: text.exactOptional(),
            job: text.exactOptional(),
        }),
        of("counted", { call, counts: z.record(text, z.number()) }),
        of("ended", { call, error: text.exactOptional() }),
    ]);
});

/** Undefined: it is no line of a report. */
export function parseLine(text: string): ReportLine | undefined {
    let json: unknown;
    try {
        json = JSON.parse(text);
    } catch {
        return undefined;
    }
    return schema().safeParse(json).data;
}
