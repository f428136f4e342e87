import { inspect } from "node:util";

/** Kept outside the objects: a private member is still seen by whatever walks over an object's properties. */
const VALUES = new WeakMap<Secret, string>();

/** A value that no log, error, JSON or inspection shows. */
export class Secret {
    constructor(value: string) {
        VALUES.set(this, value);
    }

    reveal(): string {
        return VALUES.get(this) ?? "";
    }

    toString(): string {
        return "[secret]";
    }

    toJSON(): string {
        return "[secret]";
    }

    [inspect.custom](): string {
        return "[secret]";
    }
}
