import { ID, REGION } from "../../util/patterns";
import { CloudError } from "../errors";

/** The process environment, passed in by the caller. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Stack configuration as the engine gives it: "huaweicloud-batch:region" → "cn-north-4". */
export type StackConfiguration = Readonly<Record<string, string>>;

/** A value and the name of its setting, for messages: "HW_REGION_NAME", "huaweicloud-batch:region". */
export interface Setting {
    readonly value: string;
    readonly name: string;
}

/** The first of these variables that is set. An empty one counts as not set: CI services set missing secrets to empty. */
export function fromEnvironment(env: Environment, names: readonly string[]): Setting | undefined {
    for (const name of names) {
        const value = env[name];
        if (value !== undefined && value !== "") {
            return { value, name };
        }
    }
    return undefined;
}

/** The value of a key of stack configuration, named without its namespace. */
export function fromConfiguration(config: StackConfiguration, key: string): Setting | undefined {
    const name = `huaweicloud-batch:${key}`;
    const value = config[name];
    return value === undefined || value === "" ? undefined : { value, name };
}

export function misconfigured(code: string, detail: string): CloudError {
    return new CloudError({ kind: "configuration", code, detail });
}

/** Refuses white space around a value and control characters in it. A pasted line end is an error, not silently removed. */
export function requireTidy(setting: Setting): string {
    if (setting.value !== setting.value.trim() || /\p{Cc}/u.test(setting.value)) {
        throw misconfigured(
            "UntidyValue",
            `${setting.name} begins or ends with white space, or holds a line break or control character: remove it`,
        );
    }
    return setting.value;
}

/** Requires a value that fits into a header: printable ASCII without spaces. */
export function requireHeaderSafe(setting: Setting): string {
    requireTidy(setting);
    if (!/^[\x21-\x7e]+$/.test(setting.value)) {
        throw misconfigured(
            "UntidyValue",
            `${setting.name} holds a space or a character that no credential has: check it`,
        );
    }
    return setting.value;
}

export function requireRegion(setting: Setting): string {
    requireTidy(setting);
    if (!REGION.test(setting.value)) {
        throw misconfigured("InvalidRegion", `${setting.name} is not a region's name such as cn-north-4`);
    }
    return setting.value;
}

export function requireProjectId(setting: Setting): string {
    requireTidy(setting);
    if (!ID.test(setting.value)) {
        throw misconfigured(
            "InvalidProjectId",
            `${setting.name} is not a project id (letters, digits, "_" and "-", at most 64)`,
        );
    }
    return setting.value;
}
