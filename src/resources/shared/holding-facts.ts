/** What the resources of a class hold: the provider is told of it. */
export interface HoldingFacts {
    /** The inputs that hold ids, with the kind that tells their keys apart where there are several. */
    readonly ids: Readonly<Record<string, string | undefined>>;
    /** The inputs that are part of the place beside region and project. */
    readonly placeInputs: readonly string[];
    /** Whether it acts at destroy, by what is known of its arguments or outputs. */
    readonly actsAtDestroy: (values: Values) => boolean;
    /** The arguments that `actsAtDestroy` asks for. */
    readonly decidedBy: readonly string[];
    /** Of a resource that owns one thing: the output that holds its id, and the argument that takes an existing one over. */
    readonly owned?: { readonly output: string; readonly adoptedBy: string };
}

export type Values = Readonly<Record<string, unknown>>;

/** Which resource says so. */
export interface Declared {
    readonly namespace: string;
    readonly resource: string;
    readonly holds: HoldingFacts;
}
