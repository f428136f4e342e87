import * as z from "zod";
import { compileGlob, isGlob } from "../../util/glob";
import { clean } from "../../util/text";
import { beforeComment, hasControlCharacter, linesOf, type NamedFile, unusable } from "./guard-file";

/** Where rules are from: "the keep list /work/project/keep.txt", "stack configuration huaweicloud-batch:keep". */
export interface KeepRules {
    readonly source: string;
    /** How many the user wrote. */
    readonly count: number;
    /** Each keeps what has it as its id, and what it matches as a glob over names. A line that can be read in two ways has both. */
    readonly rules: readonly string[];
}

export const CONFIGURATION_SOURCE = "stack configuration huaweicloud-batch:keep";

/** Why a target is kept. */
export type KeepReason =
    | { readonly by: "id"; readonly source: string }
    | { readonly by: "name"; readonly source: string; readonly rule: string }
    /** Some rule may be meant for its name, which nobody has seen. */
    | { readonly by: "nameNotSeen"; readonly source: string };

interface NameRule {
    readonly reason: KeepReason;
    readonly matches: (name: string) => boolean;
}

/** Longer names are cut when they are read. */
const NAME_SHOWN = 500;

/** A UUID, with hyphens or without: no name of anything. */
const SURELY_AN_ID = /^[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}$/i;

/** What no deletion and no action may touch. */
export class KeepList {
    private readonly ids = new Map<string, KeepReason>();
    private readonly exactNames = new Map<string, KeepReason>();
    private readonly globs: NameRule[] = [];
    private readonly unseen: KeepReason | undefined;
    /** How many rules there are, and how many of them are from stack configuration. */
    readonly size: number;
    readonly sizeOfConfiguration: number;

    constructor(lists: readonly KeepRules[]) {
        let unseen: KeepReason | undefined;
        for (const { source, rules } of lists) {
            const byId: KeepReason = { by: "id", source };
            for (const rule of rules) {
                const reason: KeepReason = { by: "name", source, rule };
                if (isGlob(rule)) {
                    this.globs.push({ reason, matches: compileGlob(comparable(rule)) });
                } else {
                    this.ids.set(rule, byId);
                    this.exactNames.set(comparable(rule), reason);
                }
                if (!SURELY_AN_ID.test(rule)) {
                    unseen ??= { by: "nameNotSeen", source };
                }
            }
        }
        this.unseen = unseen;
        this.size = lists.reduce((sum, { count }) => sum + count, 0);
        this.sizeOfConfiguration = lists
            .filter(({ source }) => source === CONFIGURATION_SOURCE)
            .reduce((sum, { count }) => sum + count, 0);
    }

    /** `name`: undefined where it could not be read; then the target counts as kept as long as a rule may be one for names. */
    keeps(id: string, name: string | undefined): boolean {
        return this.reason(id, name) !== undefined;
    }

    reason(id: string, name: string | undefined): KeepReason | undefined {
        if (this.size === 0) {
            return undefined;
        }
        const byId = this.ids.get(id);
        if (byId !== undefined || name === undefined) {
            return byId ?? this.unseen;
        }
        const seen = comparable(name);
        return this.exactNames.get(seen) ?? this.globs.find(({ matches }) => matches(seen))?.reason;
    }
}

/** Names have been cleaned when they are read (several spaces are one): so are rules, for else they would keep nothing. */
function comparable(text: string): string {
    return clean(text, NAME_SHOWN).normalize("NFC");
}

export const keepsNothing = new KeepList([]);

/** One rule a line. */
export function keepRulesOfFile(file: NamedFile, text: string): KeepRules {
    const lines = linesOf(text);
    const bad = lines.find((line) => hasControlCharacter(line.text));
    if (bad !== undefined) {
        throw unusable(file, `is not a list of ids and names: line ${bad.number} holds control characters`);
    }
    if (lines.length === 0) {
        throw unusable(file, "holds no rule");
    }
    const rules = lines.flatMap((line) => withoutItsComment(line.text));
    return { source: `the keep list ${file.path}`, count: lines.length, rules: unique(rules) };
}

/** Lines, or rules with commas between them, or a JSON list, as `pulumi config set --path 'huaweicloud-batch:keep[0]'` makes it. */
export function keepRulesOfConfiguration(value: string): KeepRules {
    const listed = value.trim().startsWith("[") ? jsonList(value) : undefined;
    const written = listed ?? linesOf(value).flatMap(({ text }) => betweenCommas(text));
    if (written.length === 0) {
        throw misread("holds no rule");
    }
    const rules = listed ?? [
        ...linesOf(value).map(({ text }) => text),
        ...written.flatMap((text) => withoutItsComment(text)),
    ];
    return { source: CONFIGURATION_SOURCE, count: written.length, rules: unique(rules) };
}

function jsonList(value: string): readonly string[] {
    let parsed: unknown;
    try {
        parsed = JSON.parse(value);
    } catch {
        parsed = undefined;
    }
    const read = z.array(z.string().trim().min(1)).safeParse(parsed);
    if (!read.success) {
        throw misread("begins like a JSON list, and is no JSON list of texts");
    }
    return read.data;
}

function misread(problem: string): Error {
    return new Error(
        `${CONFIGURATION_SOURCE} ${problem}: nothing was sent. Correct it with pulumi config set, or remove it with pulumi config rm, and run pulumi up: destroy and refresh see the configuration of the last one`,
    );
}

function betweenCommas(text: string): readonly string[] {
    return text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");
}

/** A comment may follow a rule, and a name may hold ` #`: both readings, unless one of them is an id. */
function withoutItsComment(text: string): readonly string[] {
    const rule = beforeComment(text);
    return rule === text || SURELY_AN_ID.test(rule) ? [rule] : [text, rule];
}

function unique(rules: readonly string[]): readonly string[] {
    return [...new Set(rules)];
}
