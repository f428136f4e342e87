/** Where the resources of a class keep the ids that they hold. */
export interface HoldingFacts {
    /** The inputs that hold ids, each with its kind if the class has several kinds of targets. */
    readonly ids: Readonly<Record<string, string | undefined>>;
    /** Whether the resource may declare a rule (`matching`) instead of ids. */
    readonly byRule?: boolean;
    /** The inputs that are part of the place beside region and project. */
    readonly placeInputs: readonly string[];
    /** Whether the resource acts at destroy, from the known arguments or outputs. */
    readonly actsAtDestroy: (values: Values) => boolean;
    /** The arguments that `actsAtDestroy` reads. */
    readonly decidedBy: readonly string[];
    /** For a resource that owns one thing: the output that holds its id, and the argument that adopts an existing thing. */
    readonly owned?: { readonly output: string; readonly adoptedBy: string };
}

export type Values = Readonly<Record<string, unknown>>;

/** The class of a declared resource, with its holding facts. */
export interface Declared {
    readonly namespace: string;
    readonly resource: string;
    readonly holds: HoldingFacts;
}
