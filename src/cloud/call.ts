import type { ZodType } from "zod";
import type { PlaceSource } from "./place/place-source";

/** The facts of a service that the client needs; each service's folder holds its own. */
export interface Service {
    /** As in HUAWEICLOUD_BATCH_ENDPOINT_<NAME>, upper case there: small letters and digits. */
    readonly name: string;
    /** For people: "ROMA Connect". */
    readonly title: string;
    /** The host's first label by region: `{label}.{region}.{cloud}`; the default serves regions that no table names. */
    readonly hostLabels: { readonly default: string; readonly byRegion?: Readonly<Record<string, string>> };
    /** Codes that mean "authentication refused" with whatever HTTP status this service uses for it. 401 always does. */
    readonly authenticationCodes: readonly string[];
    /** Codes that mean "this identity may not", all of it or this one thing, with whatever HTTP status. 403 always does. */
    readonly permissionCodes: readonly string[];
    /** Codes that mean "busy, surely not done, come again". */
    readonly busyCodes: readonly string[];
}

interface AnyCall<T> {
    /** The operation's name on its API page: "DeleteAsset". */
    readonly operation: string;
    readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
    /** Path segments, unencoded: each is encoded once, for the wire and for the signature alike. */
    readonly path: readonly string[];
    readonly query?: ReadonlyArray<readonly [name: string, value: string]>;
    readonly body?: unknown;
    readonly contentType?: string;
    readonly answer: ZodType<T>;
}

/** May be sent again after any failure. */
interface ReadingCall<T> extends AnyCall<T> {
    readonly effect: "reads";
    /** The things that it asks for by their ids; missing where it names none. For the debug log. */
    readonly targets?: readonly string[];
}

/** Sent again only when it surely did not arrive. */
export interface ChangingCall<T> extends AnyCall<T> {
    readonly effect: "changes";
    /** All that it may change, by the keys of their runs. Empty where it makes something that has no id yet. */
    readonly targets: readonly string[];
    /** Called right before each try is sent. If it throws, nothing is sent. */
    readonly onSending?: () => void;
}

/** One HTTP call, as the API's page describes it. */
export type Call<T> = ReadingCall<T> | ChangingCall<T>;

export interface CallResult<T> {
    readonly status: number;
    readonly body: T;
    readonly requestId?: string;
}

/**
 * Talks to one service, in one place, as one identity: signing, rate limit and retries are inside.
 * `send` rejects with CloudError; once the signal aborts nothing more is sent, and a read under way is given up;
 * a change under way is waited for (within its own time-outs), for its answer names the job.
 */
export interface CloudClient {
    readonly service: Service;
    readonly place: Place;
    send<T>(call: Call<T>, signal: AbortSignal): Promise<CallResult<T>>;
}

/** Where a target lives, and the profile of the identity that acts there. */
export interface Place {
    readonly region: string;
    readonly projectId: string;
    readonly profile?: string;
    /** Missing in what an earlier release stored. */
    readonly regionFrom?: PlaceSource;
    readonly projectFrom?: PlaceSource;
}

/** The same client, which calls this right before each request that changes something is sent: each try of it. If it throws, nothing is sent. */
export function announcing(client: CloudClient, onSending: (call: ChangingCall<unknown>) => void): CloudClient {
    return {
        service: client.service,
        place: client.place,
        send: (call, signal) =>
            client.send(call.effect === "reads" ? call : { ...call, onSending: () => onSending(call) }, signal),
    };
}
