import * as z from "zod";
import type { Place } from "../../cloud/call";
import type { TargetSetDefinition } from "../../services/definition";
import type { Properties } from "../hooks";
import { namedTarget } from "../targets";
import { beforeComment, hasControlCharacter, linesOf, type NamedFile, unusable } from "./guard-file";

const VERSION = 1;

/** What an id can be made of; wider than the rule of any service. */
const ID = /^[A-Za-z0-9_.:-]+$/;

/**
 * One target of the JSON form. Beside these fields it holds the inputs that are part of the place, by their names: `instanceId` for ROMA.
 * `name` is for its readers alone.
 */
const approvedEntry = z
    .object({
        service: z.string().min(1),
        kind: z.string().min(1),
        region: z.string().min(1),
        projectId: z.string().min(1),
        id: z.string().regex(ID, "an id, without wildcards"),
        name: z.string().optional(),
    })
    .catchall(z.string());

export type ApprovedEntry = z.infer<typeof approvedEntry>;

const approvedFile = z.object({ version: z.literal(VERSION), approved: z.array(approvedEntry) });

/** Where and for what a resource acts. */
export interface ActingResource {
    readonly definition: TargetSetDefinition;
    readonly place: Place;
    /** Inputs, or outputs that echo them. */
    readonly properties: Properties;
}

/** The entry that approves one target, by its key: what `plan --out` writes. */
export function approvedEntryOf(resource: ActingResource, key: string, name?: string): ApprovedEntry {
    const { definition } = resource;
    const { id, kind } = namesOf(definition, key);
    return {
        service: definition.service.name,
        kind,
        ...placeOf(resource),
        id,
        ...(name === undefined ? {} : { name }),
    };
}

/** The text of a file that approves these, and nothing else. */
export function approvedFileText(entries: readonly ApprovedEntry[]): string {
    const lines = entries.map((entry) => `    ${JSON.stringify(entry)}`);
    return `{\n  "version": ${VERSION},\n  "approved": [${lines.length === 0 ? "" : `\n${lines.join(",\n")}\n  `}]\n}\n`;
}

/** Why a target is not approved: `otherPlace` where nothing in the list is for the place of the run. */
export type NotApproved =
    | { readonly is: "notListed" }
    | { readonly is: "otherPlace"; readonly places: readonly string[] };

/** What alone may be deleted or acted on. */
export interface ApprovedList {
    /** "the approved list /work/project/approved.json" */
    readonly source: string;
    readonly size: number;
    /** What it says of each target of a resource, by its key. Undefined: it is approved. */
    judgeOf(resource: ActingResource): (key: string) => NotApproved | undefined;
}

/** Ids, one a line, or the JSON form. */
export function approvedListOf(file: NamedFile, text: string): ApprovedList {
    const source = `the approved list ${file.path}`;
    if (text.trim() === "") {
        throw unusable(file, "is empty");
    }
    return text.trimStart().startsWith("{")
        ? new Entries(source, parsed(file, text))
        : new Ids(source, idsOf(file, text));
}

const NOT_LISTED: NotApproved = { is: "notListed" };

/** Ids of whatever service, kind and place. */
class Ids implements ApprovedList {
    constructor(
        readonly source: string,
        private readonly ids: ReadonlySet<string>,
    ) {}

    get size(): number {
        return this.ids.size;
    }

    judgeOf({ definition }: ActingResource) {
        return (key: string) => (this.ids.has(namesOf(definition, key).id) ? undefined : NOT_LISTED);
    }
}

class Entries implements ApprovedList {
    private readonly entries = new Set<string>();
    private readonly places = new Map<string, string>();

    constructor(
        readonly source: string,
        entries: readonly ApprovedEntry[],
    ) {
        for (const { service, kind, id, name: _, ...place } of entries) {
            const at = placeKey(place);
            this.entries.add(entryKey(service, kind, id, at));
            this.places.set(at, placeNames(place));
        }
    }

    get size(): number {
        return this.entries.size;
    }

    judgeOf(resource: ActingResource) {
        const { definition } = resource;
        const at = placeKey(placeOf(resource));
        const otherwise: NotApproved = this.places.has(at)
            ? NOT_LISTED
            : { is: "otherPlace", places: [...this.places.values()] };
        return (key: string) => {
            const { id, kind } = namesOf(definition, key);
            return this.entries.has(entryKey(definition.service.name, kind, id, at)) ? undefined : otherwise;
        };
    }
}

function parsed(file: NamedFile, text: string): readonly ApprovedEntry[] {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        throw unusable(file, "begins like JSON, and is not whole JSON");
    }
    const read = approvedFile.safeParse(value);
    if (!read.success) {
        const [issue] = read.error.issues;
        const where = issue === undefined ? "" : ` (${issue.path.join(".") || "the whole"}: ${issue.message})`;
        throw unusable(file, `is not what plan --out writes${where}`);
    }
    return read.data.approved;
}

function idsOf(file: NamedFile, text: string): ReadonlySet<string> {
    const ids = new Set<string>();
    for (const line of linesOf(text)) {
        const id = beforeComment(line.text);
        if (/[*?]/.test(id)) {
            throw unusable(file, `has a wildcard in line ${line.number}: ids alone are approved, one a line`);
        }
        if (hasControlCharacter(id) || !ID.test(id)) {
            throw unusable(file, `has no id in line ${line.number}: ids alone are approved, one a line`);
        }
        ids.add(id);
    }
    if (ids.size === 0) {
        throw unusable(file, "holds no id");
    }
    return ids;
}

function namesOf({ targets, noun }: TargetSetDefinition, key: string): { readonly id: string; readonly kind: string } {
    const kinds = targets.flatMap(({ kind }) => kind ?? []);
    return { kind: noun[0], ...namedTarget(kinds, key) };
}

function placeOf({ definition, place: { region, projectId }, properties }: ActingResource) {
    const others: Record<string, string> = {};
    for (const input of definition.placeInputs) {
        const value = properties[input];
        if (value !== undefined) {
            others[input] = typeof value === "string" ? value : JSON.stringify(value);
        }
    }
    return { ...others, region, projectId };
}

function placeKey(place: Readonly<Record<string, string | undefined>>): string {
    return JSON.stringify(Object.entries(place).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function entryKey(service: string, kind: string, id: string, place: string): string {
    return JSON.stringify([service, kind, id, place]);
}

/** `region cn-north-4, project 0123, instanceId 4711` */
function placeNames({ region, projectId, ...others }: Readonly<Record<string, string | undefined>>): string {
    const more = Object.entries(others).map(([input, value]) => `, ${input} ${value}`);
    return `region ${region}, project ${projectId}${more.join("")}`;
}
