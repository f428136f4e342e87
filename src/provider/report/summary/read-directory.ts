import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemError } from "../../../cloud/http/system-error";
import { FORMAT_VERSION } from "../record/lines";
import { Collector } from "./collect";
import { parseLine } from "./parse-line";
import type { Summary } from "./summary";

const PROBLEMS_KEPT = 20;

/** What a directory's reports say together, and what of it could not be read, one line each. */
export interface ReadReport {
    readonly summary: Summary;
    readonly problems: readonly string[];
}

/** Reads all reports of a directory, in whatever state killed processes have left them. Rejects where there is no such directory. */
export async function readReports(directory: string): Promise<ReadReport> {
    const collector = new Collector();
    const problems: string[] = [];
    for (const name of await reportsIn(directory)) {
        const path = join(directory, name);
        const take = collector.file(name);
        let number = 0;
        for await (const { text, isTorn } of linesOf(path)) {
            number += 1;
            const line = parseLine(text);
            if (number === 1 && line?.is !== "process") {
                if (!isTorn) {
                    problems.push(`${path} is no report of this package: it is left out`);
                }
                break;
            }
            if (line?.is === "process" && line.version > FORMAT_VERSION) {
                throw new Error(
                    `${path} was written by a newer release (${line.package}): install that release or a later one`,
                );
            }
            if (line !== undefined) {
                take(line);
            } else if (!isTorn && problems.length < PROBLEMS_KEPT) {
                problems.push(`${path}:${number} is no line of a report: it is left out`);
            }
        }
    }
    return { summary: collector.summary(), problems };
}

async function reportsIn(directory: string): Promise<readonly string[]> {
    try {
        const names = await readdir(directory);
        return names.filter((name) => name.endsWith(".ndjson")).sort();
    } catch (error) {
        const { code, message } = systemError(error);
        const why =
            code === "ENOENT" ? "there is no such directory: no hook has written a report there" : code || message;
        throw new Error(`${directory}: ${why}`);
    }
}

/** `isTorn`: the file ends in it, without a line end. */
async function* linesOf(path: string): AsyncGenerator<{ readonly text: string; readonly isTorn: boolean }> {
    let rest = "";
    for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
        const lines = `${rest}${chunk}`.split("\n");
        rest = lines.pop() ?? "";
        for (const text of lines) {
            yield { text, isTorn: false };
        }
    }
    if (rest !== "") {
        yield { text: rest, isTorn: true };
    }
}
