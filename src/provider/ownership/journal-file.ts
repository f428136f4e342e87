import { hash, randomBytes } from "node:crypto";
import {
    closeSync,
    constants,
    fstatSync,
    lstatSync,
    mkdirSync,
    openSync,
    readdirSync,
    readFileSync,
    unlinkSync,
    writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The journal file shares what the program declares between the processes of one operation: the program, and a process for each
 * provider that it uses. Only this user can read it, and it holds no id, no place and no secret in clear.
 */
const DIRECTORY = "pulumi-huaweicloud-batch";
const MOST_BYTES = 64 * 1024 * 1024;
/** Milliseconds. Long, because the sockets of a container that shares the directory are not visible here. */
const LEFT_BEHIND_AFTER = 24 * 3_600_000;
const SWEPT_AT_MOST = 1_000;

/** One line of the file. A missing field is not known. */
export interface JournalLine {
    readonly by: "program" | "provider";
    readonly urn: string;
    readonly kind?: string;
    readonly resource?: string;
    readonly keys?: readonly string[];
    /** In clear, for another process has to evaluate it. A secret one is not written: `complete` is false then. */
    readonly rule?: string;
    readonly complete?: boolean;
    readonly given?: ReadonlyArray<string | undefined>;
    readonly exact?: ReadonlyArray<string | undefined>;
    /** Hash of the id and the URN of a resource that the program declared and the engine registered. */
    readonly registered?: string;
}

/** The form in which an id or a place is written: the program may have marked it secret. */
export function hashOf(...parts: readonly string[]): string {
    return hash("sha256", JSON.stringify(parts), "base64url").slice(0, 16);
}

/** The directory of this user's journals. It is checked, because other users can write to its parent. */
export function journalDirectory(): string {
    const uid = process.getuid?.();
    return join(tmpdir(), uid === undefined ? DIRECTORY : `${DIRECTORY}-${uid}`);
}

/** Undefined if it does not exist. Throws if another user owns it or can access it. */
export function statDirectory(directory: string): "there" | undefined {
    const stat = lstatSync(directory, { throwIfNoEntry: false });
    if (stat === undefined) {
        return undefined;
    }
    const uid = process.getuid?.();
    if (!stat.isDirectory() || (uid !== undefined && (stat.uid !== uid || (stat.mode & 0o077) !== 0))) {
        throw new Error(`${directory} is not a directory of this user alone (0700)`);
    }
    return "there";
}

/** Named by the engine's address, and on Linux also by the inode of its socket: a later operation may get the same port. */
export function journalName(address: string): string {
    const port = Number(address.slice(address.lastIndexOf(":") + 1));
    const socket = listeningSockets()?.get(port) ?? "0";
    return `${address.replaceAll(/[^\w.-]/g, "_")}-${socket}.ndjson`;
}

/** Appends lines, each with one write, so that readers see whole lines. */
export class JournalWriter {
    /** Marks the lines of this process. */
    readonly writer = `${process.pid}-${randomBytes(6).toString("hex")}`;
    private file: number | undefined;
    private over = false;

    constructor(
        private readonly address: string,
        private readonly directory = journalDirectory(),
    ) {}

    get path(): string {
        return join(this.directory, journalName(this.address));
    }

    /** Whether this process wrote the line; it does not parse the line. */
    isOwn(text: string): boolean {
        return text.startsWith(`{"writer":"${this.writer}"`);
    }

    /** Throws the error of the file system. */
    append(line: JournalLine): void {
        if (this.over) {
            return;
        }
        this.file ??= this.open();
        if (fstatSync(this.file).size > MOST_BYTES) {
            throw new Error(`${this.directory}: more than ${MOST_BYTES / 1024 / 1024} MiB for one operation`);
        }
        const text = Buffer.from(`${JSON.stringify({ writer: this.writer, ...line })}\n`);
        const written = writeSync(this.file, text);
        if (written < text.length) {
            throw new Error(`${this.directory}: no space left`);
        }
    }

    /** Removes the file at the end of the operation; later lines are dropped. */
    discard(): void {
        this.over = true;
        if (this.file !== undefined) {
            closeSync(this.file);
            this.file = undefined;
        }
        unlinkSync(this.path);
    }

    private open(): number {
        mkdirSync(this.directory, { recursive: true, mode: 0o700 });
        statDirectory(this.directory);
        sweep(this.directory);
        const { O_APPEND, O_CREAT, O_WRONLY } = constants;
        // Windows has no O_NOFOLLOW.
        const flags = O_APPEND | O_CREAT | O_WRONLY | (constants.O_NOFOLLOW ?? 0);
        return openSync(this.path, flags, 0o600);
    }
}

/** Removes the files of operations that have ended. */
function sweep(directory: string): void {
    const sockets = listeningSockets();
    const alive = sockets === undefined ? undefined : new Set(sockets.values());
    for (const name of readdirSync(directory).slice(0, SWEPT_AT_MOST)) {
        const socket = /-(\d+)\.ndjson$/.exec(name)?.[1];
        const written = lstatSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
        const isOver = socket !== undefined && alive?.has(socket) !== true;
        if (isOver && written < Date.now() - LEFT_BEHIND_AFTER) {
            try {
                unlinkSync(join(directory, name));
            } catch {
                // Another process has removed it.
            }
        }
    }
}

/** The state of a listening socket in /proc/net/tcp. */
const LISTENING = "0A";

/** The inode of each listening TCP socket by its port, from /proc/net/tcp; undefined where that file does not exist. */
function listeningSockets(): ReadonlyMap<number, string> | undefined {
    const sockets = new Map<number, string>();
    let found = false;
    for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
        let text: string;
        try {
            text = readFileSync(table, "latin1");
        } catch {
            continue;
        }
        found = true;
        for (const line of text.split("\n").slice(1)) {
            const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
            const port = Number.parseInt(local?.split(":")[1] ?? "", 16);
            if (state === LISTENING && inode !== undefined && !Number.isNaN(port)) {
                sockets.set(port, inode);
            }
        }
    }
    return found ? sockets : undefined;
}
