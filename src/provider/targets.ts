import type { TargetInput } from "../services/definition";

/** The set of targets that a resource declares, under the keys that the batch engine knows them by. */
export class Targets {
    private readonly byKey = new Map<string, { readonly id: string; readonly kind: string | undefined }>();

    constructor(declared: readonly TargetInput[], properties: Readonly<Record<string, unknown>>) {
        for (const { input, kind } of declared) {
            const ids = properties[input];
            for (const id of Array.isArray(ids) ? ids : []) {
                if (typeof id === "string") {
                    this.byKey.set(kind === undefined ? id : `${kind}:${id}`, { id, kind });
                }
            }
        }
    }

    get size(): number {
        return this.byKey.size;
    }

    keys(): readonly string[] {
        return [...this.byKey.keys()];
    }

    has(key: string): boolean {
        return this.byKey.has(key);
    }

    /** As an entry of the output `failed`; `open` holds the keys themselves. */
    named(key: string): { readonly id: string; readonly kind?: string } {
        const { id, kind } = this.byKey.get(key) ?? { id: key, kind: undefined };
        return kind === undefined ? { id } : { id, kind };
    }
}
