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
 * The file through which the processes of one operation tell each other what the program declares: the program itself, and a
 * provider process for each provider that it uses. It is this user's alone, and holds no id and no place in clear.
 */
const DIRECTORY = "pulumi-huaweicloud-batch";
const MOST_BYTES = 64 * 1024 * 1024;
/** Milliseconds. Not sooner: a container that shares the directory does not show its sockets here. */
const LEFT_BEHIND_AFTER = 24 * 3_600_000;
const SWEPT_AT_MOST = 1_000;

/** One line of it. What is left out is not known. */
export interface JournalLine {
    readonly by: "program" | "provider";
    readonly urn: string;
    readonly kind?: string;
    readonly resource?: string;
    readonly keys?: readonly string[];
    readonly complete?: boolean;
    readonly given?: ReadonlyArray<string | undefined>;
    readonly exact?: ReadonlyArray<string | undefined>;
    /** Of a resource that the program declares and the engine has answered for: its id, and the URN in its outputs. */
    readonly registered?: string;
}

/** What it says of an id or a place. Not in clear: the program may have marked them secret. */
export function hashOf(...parts: readonly string[]): string {
    return hash("sha256", JSON.stringify(parts), "base64url").slice(0, 16);
}

/** Where this user's processes meet; checked, for others can write where it lies. */
export function journalDirectory(): string {
    const uid = process.getuid?.();
    return join(tmpdir(), uid === undefined ? DIRECTORY : `${DIRECTORY}-${uid}`);
}

/** Undefined if it is not there; throws if it is somebody else's, or open to others. */
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

/** By the engine's address, and where the system tells (Linux) by its very socket: a port is used again, by a later operation. */
export function journalName(address: string): string {
    const port = Number(address.slice(address.lastIndexOf(":") + 1));
    const socket = listeningSockets()?.get(port) ?? "0";
    return `${address.replaceAll(/[^\w.-]/g, "_")}-${socket}.ndjson`;
}

/** Appends lines; each by one write, which others see whole. */
export class JournalWriter {
    /** Tells this process's lines from others'. */
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

    /** Whether this process wrote the line: known without a look at all of it. */
    isOwn(text: string): boolean {
        return text.startsWith(`{"writer":"${this.writer}"`);
    }

    /** Throws what the file system says. */
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

    /** At the end of the operation: nothing is written any more. */
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
        // O_NOFOLLOW is not there on Windows.
        const flags = O_APPEND | O_CREAT | O_WRONLY | (constants.O_NOFOLLOW ?? 0);
        return openSync(this.path, flags, 0o600);
    }
}

/** Removes what operations left behind that are over. */
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
                // Another process was faster.
            }
        }
    }
}

/** How /proc/net/tcp writes that a socket listens. */
const LISTENING = "0A";

/** The inode of each listening TCP socket by its port, as /proc/net/tcp has it; undefined where there is none. */
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
