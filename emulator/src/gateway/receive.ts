import { type Identity, NOWHERE, projects } from "../identity/identity";
import type { EmulatedService, ErrorShape } from "../service";
import type { World } from "../world/world";
import { gatewaySettings } from "./authentication";
import { gatewayRefusal } from "./refusal";
import type { Route } from "./route";
import type { SignedRequest } from "./signature";

/** A request read to its end. */
export interface ReceivedRequest extends SignedRequest {
    readonly origin: string;
    /** The body as JSON, if it is. */
    readonly json: { readonly value: unknown } | undefined;
}

/** A request that came on no connection. */
export interface BareRequest {
    readonly method: string;
    readonly url: string;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | undefined;
}

export interface MatchedRoute {
    readonly service: EmulatedService;
    readonly route: Route;
    readonly params: Readonly<Record<string, string>>;
}

/** `given`: the body, where the method is one with which the web's Request can hold none. */
export async function receive(request: Request, given?: Uint8Array): Promise<ReceivedRequest> {
    const url = new URL(request.url);
    const body = given ?? new Uint8Array(await request.arrayBuffer());
    // A request made in the process itself carries no Host header; its address says the same.
    const header = (name: string) => request.headers.get(name) ?? (name.toLowerCase() === "host" ? url.host : null);
    const { method } = request;
    return {
        method,
        path: url.pathname,
        query: url.search.slice(1),
        header,
        body,
        origin: url.origin,
        json: json(body),
    };
}

export function receiveBare(request: BareRequest): ReceivedRequest {
    const url = new URL(request.url);
    const headers = new Map(Object.entries(request.headers));
    const body = new TextEncoder().encode(request.body ?? "");
    return {
        method: request.method,
        path: url.pathname,
        query: url.search.slice(1),
        header: (name) => headers.get(name.toLowerCase()) ?? (name.toLowerCase() === "host" ? url.host : null),
        body,
        origin: url.origin,
        json: json(body),
    };
}

function json(body: Uint8Array): { value: unknown } | undefined {
    if (body.byteLength === 0) {
        return undefined;
    }
    try {
        return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) };
    } catch {
        // Not JSON: refused later, in the service's own words, if the call needs a body.
        return undefined;
    }
}

/** Path parameters as the client meant them. */
export function decodedParams(params: Readonly<Record<string, string>>): Record<string, string> {
    const decoded: Record<string, string> = {};
    for (const [name, value] of Object.entries(params)) {
        try {
            decoded[name] = decodeURIComponent(value);
        } catch {
            throw gatewayRefusal(400, "APIGW.0201", "Bad request: malformed path");
        }
    }
    return decoded;
}

/** The parsed body of a call that takes one. */
export function bodyOf(request: ReceivedRequest, errors: ErrorShape): unknown {
    if (request.body.byteLength === 0) {
        throw errors.emptyBody?.() ?? errors.invalid("the request body is empty");
    }
    const contentType = request.header("content-type")?.split(";")[0]?.trim().toLowerCase();
    if (contentType !== "application/json") {
        throw errors.invalid(`Content type '${contentType ?? ""}' is not supported`);
    }
    if (request.json === undefined) {
        throw errors.invalid("the request body is not valid JSON");
    }
    return request.json.value;
}

/** The project that the path names, if this identity may act in it; "" for paths without one. */
export function projectOf(
    world: World,
    identity: Identity,
    params: Readonly<Record<string, string>>,
    request: ReceivedRequest,
    errors: ErrorShape,
): string {
    const unavailable = (id: string) => gatewayRefusal(403, "APIGW.0310", `The project is unavailable: ${id}`);
    const known = (id: string) => {
        const project = projects.in(world, NOWHERE).get(id);
        return project?.enabled && project.domain_id === identity.domainId ? project : undefined;
    };
    const named = request.header("x-project-id");
    if (named !== null && known(named) === undefined) {
        throw unavailable(named);
    }
    const inPath = params.project_id;
    if (inPath === undefined) {
        return "";
    }
    const project = known(inPath);
    if (project === undefined) {
        throw unavailable(inPath);
    }
    if (named !== null && named !== inPath) {
        throw errors.projectMismatch?.() ?? unavailable(inPath);
    }
    if (identity.tokenProject !== undefined && identity.tokenProject !== inPath) {
        throw errors.projectMismatch?.() ?? unavailable(inPath);
    }
    const bySignature = request.header("x-auth-token") === null;
    const isOfAccount = !bySignature && identity.tokenProject === undefined;
    if (isOfAccount && gatewaySettings.in(world).accountTokens === "refuse") {
        throw errors.projectMismatch?.() ?? unavailable(inPath);
    }
    const isSubProject = project.name.includes("_");
    if (bySignature && isSubProject && named === null && gatewaySettings.in(world).subProjectNeedsHeader) {
        throw unavailable(inPath);
    }
    return inPath;
}
