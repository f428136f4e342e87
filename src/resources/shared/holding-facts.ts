/** What a resource class says of what its resources hold, for the provider to be told of it. */
export interface HoldingFacts {
    /** The inputs that hold ids, with the kind that tells their keys apart where there are several. */
    readonly ids: Readonly<Record<string, string | undefined>>;
    /** The inputs that are part of the place beside region and project. */
    readonly placeInputs: readonly string[];
    /** Whether it acts at destroy, by what is known of its arguments or outputs. */
    readonly actsAtDestroy: (values: Values) => boolean;
    /** The output that holds the id of the one thing that it owns. */
    readonly owned?: string;
}

export type Values = Readonly<Record<string, unknown>>;

/** Which resource says so. */
export interface Declared {
    readonly namespace: string;
    readonly resource: string;
    readonly holds: HoldingFacts;
}
