import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Stack } from "./stack";

const eventSchema = z.object({
    diagnosticEvent: z
        .object({
            urn: z.string().default(""),
            message: z.string(),
            severity: z.string(),
            ephemeral: z.boolean().default(false),
        })
        .optional(),
    resOutputsEvent: z.object({ metadata: z.object({ urn: z.string() }) }).optional(),
    resOpFailedEvent: z.object({ metadata: z.object({ urn: z.string() }) }).optional(),
});

export interface RowLine {
    readonly severity: string;
    readonly text: string;
    /** false: it stays, in the diagnostics. */
    readonly ephemeral: boolean;
    /** The engine had the hook's answer before it. */
    readonly afterTheEnd: boolean;
}

/** The log that the engine writes of its own events, with this flag; the CLI has the flag where the environment says so. */
export const withEventLog = { PULUMI_DEBUG_COMMANDS: "true" };
export const EVENT_LOG = "--event-log=events.ndjson";

/** What the engine put in the row of the resource, in order; one run's, started with `eventLog`. */
export async function rowOf(stack: Stack, resource: string): Promise<RowLine[]> {
    const text = await readFile(join(stack.directory, "program/events.ndjson"), "utf8");
    const lines: RowLine[] = [];
    let ended = false;
    for (const line of text.split("\n").filter((each) => each !== "")) {
        const { diagnosticEvent, resOutputsEvent, resOpFailedEvent } = eventSchema.parse(JSON.parse(line));
        const urn = (diagnosticEvent ?? (resOutputsEvent ?? resOpFailedEvent)?.metadata)?.urn ?? "";
        if (!urn.endsWith(`::${resource}`)) {
            continue;
        }
        if (diagnosticEvent === undefined) {
            ended = true;
            continue;
        }
        const { severity, message, ephemeral } = diagnosticEvent;
        lines.push({ severity, text: message.replace(/<\{%\w+%\}>/g, "").trim(), ephemeral, afterTheEnd: ended });
    }
    return lines;
}

/** The last status line, which the row keeps. */
export function lastLine(lines: readonly RowLine[]): string | undefined {
    return lines.filter(({ ephemeral }) => ephemeral).at(-1)?.text;
}
