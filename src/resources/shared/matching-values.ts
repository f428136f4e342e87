import * as pulumi from "@pulumi/pulumi";

/**
 * The argument `matching`, refused if a value in it is there and says nothing (undefined, null, an empty text, list or object): the SDK
 * would leave such a key out, so that a configuration value that is not set would make the rule match more. What is an output or a
 * promise is judged once it is known, before the resource is registered.
 */
export function requireValues(title: string, matching: unknown): unknown {
    if (isLeftOut(matching)) {
        return matching;
    }
    refuseEmpty(title, emptyValues(matching));
    if (typeof matching !== "object" || matching === null || !holdsPending(matching)) {
        return matching;
    }
    return pulumi.output<object>(matching).apply((known) => {
        refuseEmpty(title, isLeftOut(known) ? [] : emptyValues(known));
        return known;
    });
}

/** Without the whole rule, check asks for ids: nothing matches more. */
function isLeftOut(matching: unknown): boolean {
    return matching === undefined || matching === null;
}

function refuseEmpty(title: string, problems: readonly string[]): void {
    if (problems.length > 0) {
        throw new pulumi.RunError(
            `${title}: ${problems.join("; ")}. A criterion that says nothing would make the rule match more: give it a value, or leave its key out where nothing is meant`,
        );
    }
}

/** What says nothing, each with its path: `matching.names[0] is undefined`. What is not known yet is not judged. */
export function emptyValues(value: unknown, path = "matching"): readonly string[] {
    const what = emptiness(value);
    if (what !== undefined) {
        return [`${path} is ${what}`];
    }
    if (typeof value !== "object" || value === null || isPending(value)) {
        return [];
    }
    if (Array.isArray(value)) {
        // Array.from, because flatMap() skips the holes of a sparse array.
        return Array.from<unknown>(value).flatMap((each, at) => emptyValues(each, `${path}[${at}]`));
    }
    return Object.entries(value).flatMap(([key, each]) => emptyValues(each, `${path}.${key}`));
}

function emptiness(value: unknown): string | undefined {
    if (value === undefined) {
        return "undefined";
    }
    if (value === null) {
        return "null";
    }
    if (typeof value === "string") {
        return value.trim() === "" ? "an empty text" : undefined;
    }
    if (Array.isArray(value)) {
        return value.length === 0 ? "an empty list" : undefined;
    }
    const isEmptyObject = typeof value === "object" && !isPending(value) && Object.keys(value).length === 0;
    return isEmptyObject ? "an empty object" : undefined;
}

function isPending(value: object): boolean {
    return value instanceof Promise || pulumi.Output.isInstance(value);
}

export function holdsPending(value: unknown): boolean {
    if (typeof value !== "object" || value === null) {
        return false;
    }
    return isPending(value) || Object.values(value).some(holdsPending);
}
