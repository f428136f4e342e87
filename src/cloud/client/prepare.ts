import { encodePath, encodeQuery, type SignableRequest } from "../auth/signer";
import type { Call, Place, Service } from "../call";

/** Where the calls of one client go. */
export interface Destination {
    readonly service: Service;
    readonly place: Place;
    /** "https://roma.cn-north-4.myhuaweicloud.com" */
    readonly origin: string;
}

/** A call as it is sent, but for the headers that let it in. */
export interface Prepared {
    readonly request: SignableRequest;
    readonly url: string;
    /** Headers that the signature does not cover. */
    readonly unsigned: Readonly<Record<string, string>>;
}

/** An empty segment, or one of dots, would make the path of another call. */
export function isPathValid(path: readonly string[]): boolean {
    return path.every((segment) => segment !== "" && segment !== "." && segment !== ".." && segment.isWellFormed());
}

export function prepare(call: Call<unknown>, { service, place, origin }: Destination, userAgent: string): Prepared {
    const query = call.query ?? [];
    const body = call.body === undefined ? "" : JSON.stringify(call.body);
    const search = encodeQuery(query);
    const headers = {
        host: new URL(origin).host,
        ...(service.name === "iam" ? {} : { "x-project-id": place.projectId }),
    };
    return {
        request: { method: call.method, path: call.path, query, headers, body },
        url: `${origin}${encodePath(call.path)}${search === "" ? "" : `?${search}`}`,
        unsigned: {
            accept: "application/json",
            "user-agent": userAgent,
            ...(body === "" ? {} : { "content-type": call.contentType ?? "application/json" }),
        },
    };
}
