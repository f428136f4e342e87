import type { Properties } from "../hooks";
import { secretInputs } from "../inputs/secret-inputs";

/** Shorter values are not hidden: they are no secrets, and hiding them would make texts unreadable. */
const SHORTEST = 4;
/** How the engine marks a value as secret on the wire (pulumi/pulumi sdk/go/common/resource/properties.go SigKey, SecretSig). */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Arguments about how to act: their values are ordinary words. The hooks of a batch task hide its output themselves. */
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

/** Replaces secrets in a text: an id by its index in its list, `#3 of 30`, any other value by the name of its argument. */
export type Conceal = (text: string) => string;

export const concealNothing: Conceal = (text) => text;

/** The secrets of all calls of this process so far: for texts that belong to several calls, or to none. */
export class ProcessSecrets {
    private readonly concealments = new Set<Conceal>();

    add(conceal: Conceal): void {
        if (conceal !== concealNothing) {
            this.concealments.add(conceal);
        }
    }

    readonly conceal: Conceal = (text) => [...this.concealments].reduce((clean, conceal) => conceal(clean), text);
}

/** Conceals the secrets of these properties, which a hook was called with. */
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
 * Marks outputs that derive from a secret argument under another name (`open`, `failed`, `place`) as secret. The engine itself marks
 * an output whose argument of the same name is secret. `given` names the secrets.
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
