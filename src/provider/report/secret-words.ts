import type { Properties } from "../hooks";
import { secretInputs } from "../inputs/secret-inputs";

/** Shorter ones are no secrets, and taking them out of a text would leave nothing to read. */
const SHORTEST = 4;
/** How the engine marks a value as secret on the wire (pulumi/pulumi sdk/go/common/resource/properties.go SigKey, SecretSig). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** How a thing is done, not what it is done to: words that are in every text. A batch task's output is looked after by its hooks. */
const neverHidden: ReadonlySet<string> = new Set([
    "when",
    "timeout",
    "stallTimeout",
    "onMissing",
    "desiredState",
    "onCreate",
    "onDestroy",
    "output",
]);

/** Replaces what is secret in a text: an id by its place in its list, `#3 of 30`, anything else by the name of its argument. */
export type Conceal = (text: string) => string;

export const concealNothing: Conceal = (text) => text;

/** For the texts of a hook that was called with these. */
export function concealing(...given: readonly Properties[]): Conceal {
    const words = new Map<string, string>();
    const phrases = new Map<string, string>();
    const hide = (value: string, label: string) => {
        if (value.length >= SHORTEST) {
            (/^[A-Za-z0-9_-]+$/.test(value) ? words : phrases).set(value, label);
        }
    };
    for (const properties of given) {
        for (const name of secretInputs(properties)) {
            if (!neverHidden.has(name)) {
                hideAll(properties[name], `[secret ${name}]`, hide);
            }
        }
    }
    if (words.size + phrases.size === 0) {
        return concealNothing;
    }
    return (text) => {
        const clean = [...phrases].reduce((rest, [phrase, label]) => rest.replaceAll(phrase, label), text);
        return clean.replace(/[A-Za-z0-9_-]+/g, (word) => words.get(word) ?? word);
    };
}

function hideAll(value: unknown, label: string, hide: (value: string, label: string) => void): void {
    if (typeof value === "string") {
        hide(value, label);
    } else if (Array.isArray(value)) {
        value.forEach((each: unknown, n) => {
            hideAll(each, typeof each === "string" ? `#${n + 1} of ${value.length}` : label, hide);
        });
    } else if (typeof value === "object" && value !== null) {
        for (const each of Object.values(value)) {
            hideAll(each, label, hide);
        }
    }
}

/**
 * As the engine is to store them: it marks an output as secret where the argument of the same name is, and what is derived from one
 * under another name (`open`, `failed`, `place`) has to say so itself. `given` names the secrets.
 */
export function withDerivedSecrets(outputs: Properties, given: Properties): Properties {
    const { __secrets } = given;
    const echoed = __secrets === undefined ? outputs : { ...outputs, __secrets };
    const conceal = concealing(given);
    if (conceal === concealNothing) {
        return echoed;
    }
    const secret = secretInputs(given);
    return Object.fromEntries(
        Object.entries(echoed).map(([name, value]) => {
            const text = name.startsWith("__") ? "" : (JSON.stringify(value) ?? "");
            const isSecret = secret.has(name) || conceal(text) !== text;
            return [name, isSecret && value !== undefined ? { [SIGNATURE]: SECRET, value } : value];
        }),
    );
}
