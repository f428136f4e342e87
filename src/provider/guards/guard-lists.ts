import { type Environment, fromConfiguration, type StackConfiguration } from "../../cloud/settings/settings";
import { nearest } from "../../util/nearest";
import { type ApprovedList, approvedListOf } from "./approved-list";
import { type NamedFile, readGuardFile, unusable } from "./guard-file";
import { KeepList, keepRulesOfConfiguration, keepRulesOfFile, keepsNothing } from "./keep-list";

export const KEEP_VARIABLE = "HUAWEICLOUD_BATCH_KEEP";
export const APPROVED_VARIABLE = "HUAWEICLOUD_BATCH_APPROVED";

/** The lists that bind everything that one process deletes or acts on. */
export interface GuardLists {
    readonly keep: KeepList;
    /** Missing: none is given, and all may be sent. */
    readonly approved?: ApprovedList;
    /**
     * "perhapsOfLastUp": destroy and refresh without the program get the stack configuration of the last `up`, and with it those rules
     * of the keep list.
     */
    readonly configurationAge: "current" | "perhapsOfLastUp";
}

/** For a process to which no list is given. */
export const noGuardLists: GuardLists = { keep: keepsNothing, configurationAge: "current" };

/** Where the lists come from. */
export interface GuardSources {
    readonly env: Environment;
    readonly configuration: StackConfiguration;
    readonly configurationAge: GuardLists["configurationAge"];
    /** Of a path in a setting: see inputs/project-folder.ts. */
    readonly absolutePath: (path: string) => string;
    readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** Rejects, by name, where a list is given and can't be used. Call it before anything is sent. */
export async function readGuardLists(sources: GuardSources): Promise<GuardLists> {
    const { configuration, configurationAge, readFile } = sources;
    refuseMisspelt(sources.env);
    const keepFile = fileOf(KEEP_VARIABLE, sources);
    const approvedFile = fileOf(APPROVED_VARIABLE, sources);
    const configured = fromConfiguration(configuration, "keep");
    const keep = new KeepList([
        ...(keepFile === undefined ? [] : [keepRulesOfFile(keepFile, await readGuardFile(keepFile, readFile))]),
        ...(configured === undefined ? [] : [keepRulesOfConfiguration(configured.value)]),
    ]);
    if (approvedFile === undefined) {
        return { keep, configurationAge };
    }
    return {
        keep,
        approved: approvedListOf(approvedFile, await readGuardFile(approvedFile, readFile)),
        configurationAge,
    };
}

const PREFIX = "HUAWEICLOUD_BATCH_";

/** An unknown variable is worth a warning elsewhere. One that was meant to name a list would leave a guard out. */
function refuseMisspelt(env: Environment): void {
    const known = [KEEP_VARIABLE, APPROVED_VARIABLE].map((name) => name.slice(PREFIX.length));
    for (const [name, value] of Object.entries(env)) {
        const rest = name.slice(PREFIX.length);
        if (value === undefined || !name.startsWith(PREFIX) || known.includes(rest)) {
            continue;
        }
        const meant = /^KEEP/.test(rest) ? "KEEP" : /^APPROV/.test(rest) ? "APPROVED" : nearest(rest, known);
        if (meant !== undefined) {
            throw new Error(
                `${name} is not known (did you mean ${PREFIX}${meant}?), and a guard may be missing for it: nothing was sent. Correct its name, or unset it`,
            );
        }
    }
}

function fileOf(
    variable: typeof KEEP_VARIABLE | typeof APPROVED_VARIABLE,
    { env, absolutePath }: Pick<GuardSources, "env" | "absolutePath">,
): NamedFile | undefined {
    const value = env[variable];
    if (value === undefined) {
        return undefined;
    }
    // Elsewhere an empty variable counts as not set. Here that would lift the guard where a pipeline's own variable is missing.
    if (value.trim() === "") {
        throw new Error(
            `${variable} is set, and is empty: nothing was sent. Name the file, or unset it; without it there is no such guard`,
        );
    }
    const file = { variable, path: absolutePath(value) };
    if (value !== value.trim() || /\p{Cc}/u.test(value)) {
        throw unusable(file, "begins or ends with white space, or holds control characters");
    }
    return file;
}

/** `keep list: 12 rules, 3 of them of the last up's configuration`, for the row of a resource; undefined where there is no list. */
export function guardListsText({ keep, approved, configurationAge }: GuardLists): string | undefined {
    const texts: string[] = [];
    if (keep.size > 0) {
        const of =
            configurationAge === "current" ? "from stack configuration" : "from the stack configuration of the last up";
        const configured = keep.sizeOfConfiguration === 0 ? "" : ` (${keep.sizeOfConfiguration} ${of})`;
        texts.push(`keep list: ${counted(keep.size, "rule")}${configured}`);
    }
    if (approved !== undefined) {
        texts.push(`approved list: ${counted(approved.size, "id")}`);
    }
    return texts.length === 0 ? undefined : texts.join(", ");
}

function counted(count: number, what: string): string {
    return `${count} ${what}${count === 1 ? "" : "s"}`;
}
