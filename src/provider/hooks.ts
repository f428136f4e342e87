import type { CallContext } from "./call";

/** A property bag as the engine hands it over: plain JSON, unknown markers included. */
export type Properties = Readonly<Record<string, unknown>>;

export interface CheckFailure {
    readonly property: string;
    readonly reason: string;
}

export interface Checked {
    readonly inputs: Properties;
    readonly failures: readonly CheckFailure[];
}

export interface Difference {
    readonly changes: boolean;
    readonly replaces: readonly string[];
    readonly deleteBeforeReplace: boolean;
    /** What a preview shows of it. */
    readonly note?: string;
}

export interface Resource {
    readonly id: string;
    readonly outputs: Properties;
}

/**
 * What the engine calls, for one kind of resource. A hook knows inputs, old state, results and its call, not the process that it
 * runs in. Create, update and remove may throw `Incomplete`; every other error means that nothing was done.
 */
export interface ResourceHooks {
    /** `olds`: old inputs, empty where the resource is created or replaced. */
    check(news: Properties, olds: Properties, call: CallContext): Promise<Checked>;
    diff(olds: Properties, news: Properties, call: CallContext): Promise<Difference>;
    create(inputs: Properties, call: CallContext): Promise<Resource>;
    read(id: string, outputs: Properties, call: CallContext): Promise<Resource | "gone">;
    update(id: string, olds: Properties, news: Properties, call: CallContext): Promise<Properties>;
    remove(id: string, outputs: Properties, call: CallContext): Promise<void>;
}

/** The same hooks, to which a face has given the contexts of their calls. */
export interface BoundHooks {
    check(news: Properties, olds: Properties): Promise<Checked>;
    /** `isPreview`: nothing is done after it, and its note is shown. */
    diff(olds: Properties, news: Properties, isPreview: boolean): Promise<Difference>;
    create(inputs: Properties): Promise<Resource>;
    read(id: string, outputs: Properties): Promise<Resource | "gone">;
    update(id: string, olds: Properties, news: Properties): Promise<Properties>;
    remove(id: string, outputs: Properties): Promise<void>;
}

/** Something was done, and not all of it: the resource is kept with these outputs, and the next `up` goes on from there. */
export class Incomplete extends Error {
    constructor(
        readonly id: string,
        readonly outputs: Properties,
        /** One line each, the summary first. */
        readonly reasons: readonly string[],
    ) {
        super(reasons.join("\n"));
        this.name = "Incomplete";
    }
}
