import { inspect } from "node:util";

/** Values are kept outside the objects: code that walks over an object's properties also sees private members. */
const VALUES = new WeakMap<Secret, string>();

/** A value that no log, error, JSON or util.inspect shows. */
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
