import * as z from "zod";
import type { TargetSetDefinition } from "../../services/definition";
import { forEachInChunks } from "../../util/chunks";
import type { Clock } from "../../util/clock";
import { ID } from "../../util/patterns";
import type { Checked, CheckFailure, Properties } from "../hooks";
import { failuresOf, nameText, noSuchName, valueAt } from "../inputs/check-failures";
import { parseDuration } from "../inputs/duration";
import { orderedSet } from "../inputs/ordered-set";
import { secretInputs } from "../inputs/secret-inputs";
import { holdsUnknown, isUnknown } from "../inputs/unknowns";
import { namingProblems, ruleProblems } from "../matching/check";
import { hasRule } from "../matching/rule";
import { matchingSchema } from "../matching/schema";

const duration = z.string().superRefine((text, context) => {
    try {
        parseDuration(text);
    } catch (error) {
        context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    }
});

const count = z.number().int().min(0);

/** A region, a project: one host label, one path segment. */
const name = z.string().regex(ID, "letters, digits, - and _ only, at most 64");

/** The arguments that place a resource of any kind. */
export const placeArguments = {
    region: name.optional(),
    projectId: name.optional(),
    profile: z.string().min(1).max(128).optional(),
};

export const timeArguments = {
    timeout: duration.optional(),
    stallTimeout: duration.optional(),
};

const when = z.enum(["create", "destroy"], {
    error: 'say when the targets must be gone: "create" (now) or "destroy" (when the resource is)',
});

const commonArguments = {
    ...placeArguments,
    ...timeArguments,
    maxItems: count.optional(),
    allowedFailures: count.optional(),
    onMissing: z.enum(["ignore", "check", "fail"]).optional(),
};

const commonSchema = z.object(commonArguments);

export type CommonInputs = z.infer<typeof commonSchema>;

/** The common arguments of inputs that have been checked, or of outputs that echo them. */
export function commonOf(properties: Properties): CommonInputs {
    return commonSchema.parse(properties);
}

export function whenOf(properties: Properties): "create" | "destroy" {
    return when.parse(properties.when);
}

/** Normalises and validates; all problems are reported at once, each with its path. Unknown values pass. */
export async function checkTargetSet(
    definition: TargetSetDefinition,
    news: Properties,
    clock: Clock,
): Promise<Checked> {
    const schemas: Record<string, z.ZodType> = {
        ...commonArguments,
        ...(definition.hasWhen ? { when } : {}),
        ...(definition.hasEnterpriseProject ? { enterpriseProjectId: name.optional() } : {}),
        ...definition.inputs,
        // Made only where a rule is declared: it takes longer than all else that check does.
        matching: news.matching === undefined ? noRule : matchingSchema(definition).optional(),
    };
    for (const { input } of definition.targets) {
        schemas[input] = targetList;
    }
    const checked = checkProperties(schemas, news);
    const secret = secretInputs(news);
    const inputs: Record<string, unknown> = { ...checked.inputs };
    const failures = [...checked.failures];
    failures.push(...namingProblems(definition, inputs));
    if (checked.failures.length === 0) {
        failures.push(...ruleProblems(definition, inputs));
    }
    for (const { input, id } of definition.targets) {
        const list: unknown = inputs[input] ?? (hasRule(inputs) ? undefined : []);
        if (Array.isArray(list)) {
            const { ids, failures: wrong } = await knownIds(list, { input, id, secret: secret.has(input) }, clock);
            failures.push(...wrong);
            inputs[input] = ids.length === list.length ? await orderedSet(ids, clock) : list;
        }
    }
    failures.push(...tooMany(definition, inputs));
    if (failures.length === 0 && definition.problems !== undefined && !holdsUnknown(inputs)) {
        failures.push(...definition.problems(inputs));
    }
    return { inputs, failures };
}

const noRule = z.undefined();

/** Its elements may be too many for a schema to walk over them without a pause. */
const targetList = z.custom<readonly unknown[]>(Array.isArray, "must be a list").optional();

/** The valid ids of a list, and what is wrong with the others; an unknown one is neither. */
async function knownIds(
    list: readonly unknown[],
    { input, id, secret }: { readonly input: string; readonly id: z.ZodType<string>; readonly secret: boolean },
    clock: Clock,
): Promise<{ readonly ids: readonly string[]; readonly failures: readonly CheckFailure[] }> {
    const ids: string[] = [];
    const failures: CheckFailure[] = [];
    let index = 0;
    await forEachInChunks(clock, list, (element) => {
        const parsed = holdsUnknown(element) ? undefined : id.safeParse(element);
        if (parsed?.success) {
            ids.push(parsed.data);
        }
        for (const issue of parsed?.error?.issues ?? []) {
            failures.push(...failuresOf({ property: input, at: [index], value: element, secret, schema: id }, issue));
        }
        index += 1;
    });
    return { ids, failures };
}

/** Each property by its schema; hidden ones (`__…`) pass as they are. */
export function checkProperties(schemas: Readonly<Record<string, z.ZodType>>, news: Properties): Checked {
    const inputs: Record<string, unknown> = {};
    const failures: CheckFailure[] = [];
    const known = Object.keys(schemas);
    for (const [property, value] of Object.entries(news)) {
        if (property.startsWith("__")) {
            inputs[property] = value;
        } else if (!Object.hasOwn(schemas, property)) {
            failures.push({ property: nameText(property), reason: noSuchName("argument", property, known) });
        }
    }
    const secret = secretInputs(news);
    for (const [property, schema] of Object.entries(schemas)) {
        const value = news[property] ?? undefined;
        if (isUnknown(value)) {
            inputs[property] = value;
            continue;
        }
        const open = holdsUnknown(value);
        const parsed = schema.safeParse(value);
        for (const issue of parsed.error?.issues ?? []) {
            // Where something is not known yet, what it breaks is no problem yet; the names beside it are known.
            if (!open || issue.code === "unrecognized_keys" || !holdsUnknown(valueAt(value, issue.path))) {
                failures.push(...failuresOf({ property, value, secret: secret.has(property), schema }, issue));
            }
        }
        const kept = parsed.success && !open ? parsed.data : value;
        if (kept !== undefined) {
            inputs[property] = kept;
        }
    }
    return { inputs, failures };
}

function tooMany(definition: TargetSetDefinition, inputs: Properties): readonly CheckFailure[] {
    const { maxItems } = inputs;
    let declared = 0;
    for (const { input } of definition.targets) {
        const ids = inputs[input];
        declared += Array.isArray(ids) ? ids.length : 0;
    }
    return typeof maxItems === "number" && maxItems >= 0 && declared > maxItems
        ? [
              {
                  property: "maxItems",
                  reason: `${declared} targets are declared, and maxItems allows ${maxItems}`,
              },
          ]
        : [];
}
