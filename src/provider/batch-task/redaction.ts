import { ApiFailure } from "../../batch/api";
import { CloudError } from "../../cloud/errors";
import { Incomplete, type Properties } from "../hooks";

/** Shorter ones are no secrets, and taking them out of a text would leave nothing to read. */
const SHORTEST = 4;
const REDACTED = "[redacted]";

/** What the user sends to webhooks: headers that carry credentials, and addresses that may. The cloud may repeat them in what it says. */
export function secretsOf(...properties: readonly Properties[]): readonly string[] {
    const found = properties.flatMap(({ output }) => {
        const { webhook } = recordOf(output);
        const { headers, url } = recordOf(webhook);
        return [...Object.values(recordOf(headers)), url].filter((value) => typeof value === "string");
    });
    const spelled = found.flatMap((secret) => [
        secret,
        JSON.stringify(secret).slice(1, -1),
        encodeURIComponent(secret.toWellFormed()),
    ]);
    // A longer one may hold a shorter one.
    return [...new Set(spelled)].filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null ? { ...value } : {};
}

export function redact(secrets: readonly string[], text: string): string {
    return secrets.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text);
}

/** The outputs hold the cloud's messages too. */
function redactFailed(secrets: readonly string[], { failed }: Properties): Properties {
    const causes: readonly unknown[] = Array.isArray(failed) ? failed : [];
    return {
        failed: causes.map((cause) => {
            const { message, ...rest } = recordOf(cause);
            return typeof message === "string" ? { ...rest, message: redact(secrets, message) } : rest;
        }),
    };
}

/** The same failure, without the secrets. */
export function redactError(secrets: readonly string[], error: unknown): unknown {
    if (error instanceof Incomplete) {
        const reasons = error.reasons.map((reason) => redact(secrets, reason));
        return new Incomplete(error.id, { ...error.outputs, ...redactFailed(secrets, error.outputs) }, reasons);
    }
    if (!(error instanceof Error)) {
        return error;
    }
    const message =
        error instanceof ApiFailure && error.cause instanceof CloudError ? error.cause.message : error.message;
    const clean = redact(secrets, message);
    return clean === message ? error : new Error(clean);
}
