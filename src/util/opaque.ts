import { inspect } from "node:util";

/** Inspection, logs and JSON show only the class: an object that refers to secrets, or to requests that carry them, extends this. */
export abstract class Opaque {
    toJSON(): string {
        return `[${this.constructor.name}]`;
    }

    [inspect.custom](): string {
        return `[${this.constructor.name}]`;
    }
}
