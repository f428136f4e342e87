import * as z from "zod";
import { NAMESPACE } from "../../cloud/settings/known";
import type { StackConfiguration } from "../../cloud/settings/settings";
import type { Properties } from "../hooks";
import { SIGNATURE } from "../report/secret-words";

const bag = z.record(z.string(), z.unknown());
const resourceSchema = z.object({
    urn: z.string(),
    type: z.string(),
    id: z.string().optional(),
    inputs: bag.default({}),
    outputs: bag.default({}),
    provider: z.string().optional(),
    protect: z.boolean().optional(),
    retainOnDelete: z.boolean().optional(),
    deletedWith: z.string().optional(),
    /** Replaced, and to be deleted by the next operation. */
    delete: z.boolean().optional(),
});
const deployment = z.object({ resources: z.array(resourceSchema).nullish() });
/** What `pulumi stack export` prints, or a file of a self-managed backend. */
const stateSchema = z.union([
    z.object({ deployment }).transform((state) => state.deployment),
    z.object({ checkpoint: z.object({ latest: deployment.nullish() }) }).transform((state) => state.checkpoint.latest),
]);

/** A resource of this package, as a stack's state has it. */
export interface StateResource {
    readonly urn: string;
    /** In the program. */
    readonly name: string;
    /** Plain values: `__secrets` names those that are secret. Those that are sealed are left out. */
    readonly outputs: Properties;
    /** The names of outputs that the state has in cipher only. */
    readonly sealed: readonly string[];
    /** Stack configuration of the last up, without credentials. */
    readonly configuration: StackConfiguration;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly deletedWith: string | undefined;
    /** Replaced in an earlier up that failed: the next operation deletes it. */
    readonly isPendingDelete: boolean;
}

const OURS = "pulumi-nodejs:dynamic/huaweicloud-batch/";
const PROVIDER = "pulumi:providers:";

export interface StackState {
    /** The stack's name; undefined where nothing is in it. */
    readonly stack: string | undefined;
    /** Those of this package. */
    readonly resources: readonly StateResource[];
}

/** A stack's state. Throws an error of one line for anything that is none. */
export function readStackState(text: string): StackState {
    const state = stateSchema.safeParse(parsed(text));
    if (!state.success) {
        throw new Error("that is no state of a stack: give what `pulumi stack export` prints");
    }
    const resources = state.data?.resources ?? [];
    const providers = new Map(
        resources
            .filter(({ type }) => type.startsWith(PROVIDER))
            .map(({ urn, id, inputs }) => [`${urn}::${id}`, inputs]),
    );
    const ours = resources
        .filter(({ type }) => lastOf(type).startsWith(OURS))
        .map((resource): StateResource => {
            const { outputs, secret, sealed } = opened(resource.outputs);
            const echoed: unknown = outputs.__secrets;
            const named: readonly unknown[] = Array.isArray(echoed) ? echoed : [];
            return {
                urn: resource.urn,
                name: resource.urn.split("::").at(-1) ?? resource.urn,
                outputs: { ...outputs, __secrets: [...new Set([...named, ...secret])] },
                sealed,
                configuration: configurationIn(providers.get(resource.provider ?? "") ?? {}),
                protect: resource.protect ?? false,
                retainOnDelete: resource.retainOnDelete ?? false,
                deletedWith: resource.deletedWith === "" ? undefined : resource.deletedWith,
                isPendingDelete: resource.delete ?? false,
            };
        });
    return { stack: /^urn:pulumi:([^:]+)::/.exec(resources[0]?.urn ?? "")?.[1], resources: ours };
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

/** Of a child its type stands behind those of its parents. */
function lastOf(type: string): string {
    return type.split("$").at(-1) ?? type;
}

/** Values of the state without its marks of secrets. What is in cipher only has no value. */
function opened(properties: Properties): {
    readonly outputs: Properties;
    readonly secret: readonly string[];
    readonly sealed: readonly string[];
} {
    const outputs: Record<string, unknown> = {};
    const secret: string[] = [];
    const sealed: string[] = [];
    for (const [name, value] of Object.entries(properties)) {
        const found = { secret: false, sealed: false };
        const plain = open(value, found);
        if (found.secret) {
            secret.push(name);
        }
        if (found.sealed) {
            sealed.push(name);
        } else {
            outputs[name] = plain;
        }
    }
    return { outputs, secret, sealed };
}

function open(value: unknown, found: { secret: boolean; sealed: boolean }): unknown {
    if (Array.isArray(value)) {
        return value.map((each: unknown) => open(each, found));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (!(SIGNATURE in value)) {
        return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, open(each, found)]));
    }
    found.secret = true;
    if ("plaintext" in value && typeof value.plaintext === "string") {
        return open(parsed(value.plaintext), found);
    }
    found.sealed = true;
    return undefined;
}

/** Never read from a state: who may read it is not to become who may delete. */
const CREDENTIALS: ReadonlySet<string> = new Set([
    "accessKey",
    "secretKey",
    "securityToken",
    "authToken",
    "userName",
    "userId",
    "password",
    "domainName",
    "domainId",
]);

function configurationIn(inputs: Properties): StackConfiguration {
    const ours: Record<string, string> = {};
    for (const [name, value] of Object.entries(inputs)) {
        if (name.startsWith(NAMESPACE) && typeof value === "string" && !CREDENTIALS.has(name.slice(NAMESPACE.length))) {
            ours[name] = value;
        }
    }
    return ours;
}
