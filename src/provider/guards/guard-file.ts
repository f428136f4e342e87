import { systemError } from "../../cloud/http/system-error";

/** A file that a variable names. */
export interface NamedFile {
    readonly variable: string;
    /** Absolute. */
    readonly path: string;
}

/** The file's text without a byte-order mark. Rejects where there is none to be had: a guard that can't be read must not count as no guard. */
export async function readGuardFile(file: NamedFile, readFile: (path: string) => Promise<Uint8Array>): Promise<string> {
    let bytes: Uint8Array;
    try {
        bytes = await readFile(file.path);
    } catch (error) {
        const { code } = systemError(error);
        const why = code === "ENOENT" ? "ENOENT: there is no such file" : code;
        throw unusable(file, `can't be read${why === "" ? "" : ` (${why})`}`);
    }
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        const written = bytes[0] === 0xff || bytes[0] === 0xfe ? "; PowerShell's > writes UTF-16" : "";
        throw unusable(file, `is not UTF-8 text${written}`);
    }
}

/** `problem` follows the file's name: "is empty". */
export function unusable({ variable, path }: NamedFile, problem: string): Error {
    return new Error(
        `${variable}: ${path} ${problem}: nothing was sent. Correct the file or the variable; without the variable there is no such guard`,
    );
}

export interface Line {
    /** From 1. */
    readonly number: number;
    /** Without white space around it; not empty, no comment. */
    readonly text: string;
}

/** The lines that say something: blank ones and those that begin with `#` do not. */
export function linesOf(text: string): readonly Line[] {
    return text
        .split(/\r\n|\n|\r/)
        .map((line, index) => ({ number: index + 1, text: line.trim() }))
        .filter((line) => line.text !== "" && !line.text.startsWith("#"));
}

/** What stands before a comment that follows on the same line. */
export function beforeComment(text: string): string {
    return text.replace(/\s+#.*$/u, "");
}

/** Whether a line holds what no line of text does: the file is of another kind. */
export function hasControlCharacter(text: string): boolean {
    return /\p{Cc}/u.test(text.replaceAll("\t", " "));
}
