import { readFileSync } from "node:fs";
import * as z from "zod";
import { forEachInChunks } from "../../util/chunks";
import type { Clock } from "../../util/clock";
import type { Holding } from "./holders";
import { hashOf, type JournalLine, JournalWriter, journalDirectory, statDirectory } from "./journal-file";

export { hashOf, type JournalLine } from "./journal-file";

/** Shares what the program declares between the processes of one operation. */
export interface OperationJournal {
    append(line: JournalLine): Promise<void>;
    /** All lines that other processes have written so far, in order. */
    readOthers(): Promise<JournalAnswer>;
}

export type JournalAnswer =
    | { readonly is: "read"; readonly lines: readonly JournalLine[] }
    /** The file can't be read, or this process could not write to it. */
    | { readonly is: "unreadable"; readonly why: string }
    /** The directory can't be used. */
    | { readonly is: "noPlace"; readonly why: string };

/** The holding as it is written: ids and places hashed, a secret rule left out, so that what it matches counts as not known. */
export async function hashedHolding(clock: Clock, holding: Holding): Promise<Omit<JournalLine, "by">> {
    const { keys, given, exact, rule, secretRule = false, ...rest } = holding;
    return {
        ...rest,
        ...(rule === undefined ? {} : secretRule ? { complete: false } : { rule }),
        ...(keys === undefined ? {} : { keys: await hashedKeys(clock, holding.kind, keys) }),
        ...(given === undefined ? {} : { given: hashedPlace(given) }),
        ...(exact === undefined ? {} : { exact: hashedPlace(exact) }),
    };
}

export async function hashedKeys(clock: Clock, kind: string, keys: readonly string[]): Promise<readonly string[]> {
    const hashes: string[] = [];
    await forEachInChunks(clock, keys, (key) => {
        hashes.push(hashOf(kind, key));
    });
    return hashes;
}

export function hashedPlace(place: ReadonlyArray<string | undefined>): ReadonlyArray<string | undefined> {
    return place.map((value) => (value === undefined ? undefined : hashOf("place", value)));
}

const pattern = z.array(
    z
        .string()
        .nullable()
        .transform((value) => value ?? undefined),
);

const lineSchema = z.object({
    writer: z.string(),
    by: z.enum(["program", "provider"]),
    urn: z.string(),
    kind: z.string().exactOptional(),
    resource: z.string().exactOptional(),
    keys: z.array(z.string()).exactOptional(),
    rule: z.string().exactOptional(),
    complete: z.boolean().exactOptional(),
    given: pattern.exactOptional(),
    exact: pattern.exactOptional(),
    registered: z.string().exactOptional(),
});

/** A journal in a file of this user, named by the engine's address. */
export class FileJournal implements OperationJournal {
    private readonly file: JournalWriter;
    private broken: string | undefined;
    private lines: JournalLine[] = [];
    private readBytes = 0;

    constructor(
        address: string,
        private readonly directory = journalDirectory(),
    ) {
        this.file = new JournalWriter(address, directory);
    }

    async append(line: JournalLine): Promise<void> {
        try {
            this.file.append(line);
        } catch (error) {
            this.broken ??= `it could not be written down for other processes of this operation: ${messageOf(error)}`;
        }
    }

    async readOthers(): Promise<JournalAnswer> {
        if (this.broken !== undefined) {
            return { is: "unreadable", why: this.broken };
        }
        try {
            if (statDirectory(this.directory) === undefined) {
                return { is: "read", lines: [] };
            }
        } catch (error) {
            return { is: "noPlace", why: messageOf(error) };
        }
        try {
            this.readNew();
            return { is: "read", lines: this.lines };
        } catch (error) {
            return {
                is: "unreadable",
                why: `what other processes of this operation wrote down can't be read: ${messageOf(error)}`,
            };
        }
    }

    /** Call it at the end of the operation. */
    discard(): void {
        try {
            this.file.discard();
        } catch {
            // Another process of the operation has removed it.
        }
    }

    private readNew(): void {
        let bytes: Buffer;
        try {
            bytes = readFileSync(this.file.path);
        } catch (error) {
            if (Object(error).code === "ENOENT" && this.readBytes === 0) {
                return;
            }
            throw error;
        }
        const end = bytes.lastIndexOf("\n") + 1;
        if (end !== bytes.length) {
            throw new Error(`${this.file.path} ends in the middle of a line`);
        }
        for (const text of bytes.toString("utf8", this.readBytes, end).split("\n")) {
            if (text === "" || this.file.isOwn(text)) {
                continue;
            }
            const { writer: _, ...line } = lineSchema.parse(JSON.parse(text));
            this.lines.push(line);
        }
        this.readBytes = end;
    }
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
