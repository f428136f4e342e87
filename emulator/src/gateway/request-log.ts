/** One request as received. Holds no Authorization header, no access key, no token and no password. */
export interface LoggedRequest {
    readonly requestId: string;
    /** World time in milliseconds. */
    readonly at: number;
    /** The time that clients live in, in milliseconds. */
    readonly wallAt: number;
    readonly method: string;
    readonly path: string;
    readonly query: string;
    /** Undefined if no route matched. */
    readonly service: string | undefined;
    readonly operation: string | undefined;
    readonly project: string | undefined;
    readonly identity: string | undefined;
    readonly body: unknown;
    /** HTTP status; null if the connection broke instead. */
    readonly status: number | null;
    readonly errorCode: string | undefined;
    /** The injected fault that struck, if any. */
    readonly fault: string | undefined;
}

const HIDDEN = "(secret)";
const SECRET_NAME = /password|secret|^key$|token|authorization|user_data/i;

/** Enough to tell the seeded identities apart: an access key is half of a credential. */
export function shownIdentity(name: string): string {
    return name.length > 8 ? `${name.slice(0, 4)}…` : name;
}

/** A copy of a body that is fit for the log: secret fields and everything below `paths` hidden. */
export function withoutSecrets(body: unknown, paths: readonly string[]): unknown {
    if (body === undefined) {
        return undefined;
    }
    if (paths.includes("*")) {
        return HIDDEN;
    }
    return redact(body, "", new Set(paths));
}

function redact(value: unknown, path: string, secrets: ReadonlySet<string>): unknown {
    if (secrets.has(path)) {
        return HIDDEN;
    }
    if (Array.isArray(value)) {
        return value.map((element) => redact(element, path, secrets));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => {
            const below = path === "" ? name : `${path}.${name}`;
            return [name, SECRET_NAME.test(name) ? HIDDEN : redact(inner, below, secrets)];
        }),
    );
}
