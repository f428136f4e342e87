import { randomBytes } from "node:crypto";
import { constants, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { systemError } from "../../../cloud/http/system-error";
import type { Clock } from "../../../util/clock";
import { FORMAT, FORMAT_VERSION, type ReportLine } from "./lines";

/** A line without its time. */
export type UntimedLine = ReportLine extends infer Line ? (Line extends unknown ? Omit<Line, "at"> : never) : never;

export interface ReportFileOptions {
    /** Absolute. Made where it is missing. */
    readonly directory: string;
    readonly clock: Clock;
    /** Of this package. */
    readonly version: string;
    /** Writes to an open file, and says how many bytes it took. That of node:fs unless given. */
    readonly write?: (file: number, bytes: Uint8Array) => number;
}

/**
 * The report of one process: one file that only this user can read, to which lines are appended. What is appended in one go is written
 * when the code that runs has ended, in one write: a process that is killed later has lost none of it.
 */
export class ReportFile {
    private file: number | undefined;
    private readonly waiting: string[] = [];
    private isFlushScheduled = false;
    private problem: Error | undefined;
    private calls = 0;

    constructor(private readonly options: ReportFileOptions) {}

    /** The number of a new hook call. Throws where the file can't be made: then nothing is to be sent. */
    newCall(): number {
        this.file ??= this.open();
        this.calls += 1;
        return this.calls;
    }

    append(line: UntimedLine): void {
        const { is, ...rest } = line;
        this.waiting.push(`${JSON.stringify({ is, at: new Date(this.options.clock.now()).toISOString(), ...rest })}\n`);
        if (!this.isFlushScheduled) {
            this.isFlushScheduled = true;
            queueMicrotask(() => {
                this.isFlushScheduled = false;
                this.write();
            });
        }
    }

    /** Writes what waits. Throws if that, or an earlier write, has failed. */
    flush(): void {
        this.write();
        if (this.problem !== undefined) {
            throw this.problem;
        }
    }

    /** Why nothing is written any more. */
    get failure(): Error | undefined {
        return this.problem;
    }

    private write(): void {
        const text = this.waiting.join("");
        this.waiting.length = 0;
        // After a write that failed half-way another line would be the rest of a torn one.
        if (text === "" || this.file === undefined || this.problem !== undefined) {
            return;
        }
        const { write = writeSync } = this.options;
        const bytes = Buffer.from(text);
        try {
            if (write(this.file, bytes) < bytes.length) {
                throw new Error("no space is left");
            }
        } catch (error) {
            this.problem = this.unwritable(error);
        }
    }

    private open(): number {
        const { directory, clock, version } = this.options;
        const time = new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
        const name = `${time}-${process.pid}-${randomBytes(4).toString("hex")}.ndjson`;
        try {
            mkdirSync(directory, { recursive: true, mode: 0o700 });
            const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;
            this.file = openSync(join(directory, name), O_APPEND | O_CREAT | O_EXCL | O_WRONLY, 0o600);
        } catch (error) {
            throw this.unwritable(error);
        }
        this.append({
            is: "process",
            format: FORMAT,
            version: FORMAT_VERSION,
            package: version,
            pid: process.pid,
        });
        this.flush();
        return this.file;
    }

    private unwritable(error: unknown): Error {
        const { code, message } = systemError(error);
        return new Error(
            `HUAWEICLOUD_BATCH_REPORT: the report can't be written to ${this.options.directory} (${code || message}): nothing is sent without it. Make the directory writable, or name another one, or unset the variable`,
        );
    }
}
