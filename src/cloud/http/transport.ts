/** One HTTP request, ready for the wire. */
export interface WireRequest {
    readonly method: string;
    /** Absolute; path and query are encoded already and sent as they are. */
    readonly url: string;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    /** Gives the request up, whether or not it has arrived. */
    readonly signal: AbortSignal;
    /** Gives the request up as long as nothing of it has been written; one that is on its way goes on. */
    readonly unlessWritten?: AbortSignal;
}

export interface WireAnswer {
    readonly status: number;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

/** The network, as the cloud client sees it. `send` rejects with TransportFailure and with nothing else. */
export interface Transport {
    send(request: WireRequest): Promise<WireAnswer>;
}

/** No usable answer came. */
export class TransportFailure extends Error {
    constructor(
        /** "no": the request surely never reached the other side. */
        readonly arrived: "no" | "perhaps",
        /** CamelCase: "ConnectionReset", "RequestTimeout". */
        readonly code: string,
        message: string,
    ) {
        super(message);
        this.name = "TransportFailure";
    }
}
