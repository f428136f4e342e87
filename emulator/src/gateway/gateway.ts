import { TrieRouter } from "hono/router/trie-router";
import type { Identity } from "../identity/identity";
import type { EmulatedService, ErrorShape } from "../service";
import { hex32 } from "../world/random";
import type { World } from "../world/world";
import { authenticate, NotAuthenticated } from "./authentication";
import { EmulatedNetworkFault, type Fault, type Faults } from "./faults";
import { bodyOf, decodedParams, type MatchedRoute, projectOf, type ReceivedRequest } from "./receive";
import { gatewayRefusal, notAuthenticated, Refusal } from "./refusal";
import { type Rendered, rendered } from "./rendering";
import { type LoggedRequest, shownIdentity, withoutSecrets } from "./request-log";
import type { Route, RouteReply } from "./route";
import type { Throttles } from "./throttle";

const MAX_BODY_BYTES = 12 * 1024 * 1024;
const MAX_URI_BYTES = 32 * 1024;
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** What one emulator has at one time; a reset replaces it whole. */
export interface Tenancy {
    readonly world: World;
    readonly faults: Faults;
    readonly throttles: Throttles;
    readonly log: LoggedRequest[];
}

/** What is known of a request while it is worked on. */
interface Progress {
    readonly requestId: string;
    readonly request: ReceivedRequest;
    matched: MatchedRoute | undefined;
    /** How errors look from here on. */
    errors: ErrorShape | undefined;
    identity: Identity | undefined;
    fault: Fault | undefined;
}

type Router = TrieRouter<{ readonly service: EmulatedService; readonly route: Route }>;

/** Routes are the same in every emulator of the same services. */
const routers = new WeakMap<readonly EmulatedService[], Router>();

function routerOf(services: readonly EmulatedService[]): Router {
    let router = routers.get(services);
    if (router === undefined) {
        router = new TrieRouter();
        for (const service of services) {
            for (const route of service.routes) {
                router.add(route.method, route.path, { service, route });
            }
        }
        routers.set(services, router);
    }
    return router;
}

/** Stops the work on a request because a fault strikes before it has an effect. */
class StruckBefore extends Error {}

export class Gateway {
    private readonly router: Router;

    constructor(
        private readonly services: readonly EmulatedService[],
        private readonly tenancy: () => Tenancy,
        private readonly sleep: (ms: number) => Promise<void>,
    ) {
        this.router = routerOf(services);
    }

    /** Throws EmulatedNetworkFault where a real connection would break. */
    async answer(received: ReceivedRequest): Promise<Rendered> {
        const tenancy = this.tenancy();
        tenancy.world.catchUp();
        const progress: Progress = {
            requestId: hex32(tenancy.world.random),
            request: received,
            matched: undefined,
            errors: undefined,
            identity: undefined,
            fault: undefined,
        };
        const outcome = this.attempt(tenancy, progress);
        try {
            const answer = rendered(outcome, progress.requestId, progress.errors, progress.fault);
            record(tenancy, progress, answer.status, answer.errorCode);
            if (progress.fault?.fault === "delay") {
                await this.sleep(progress.fault.ms);
            }
            return answer;
        } catch (error) {
            if (error instanceof EmulatedNetworkFault) {
                record(tenancy, progress, null, undefined);
            }
            throw error;
        }
    }

    /** The answer, or the refusal in its place. Nothing here waits: a request has its effect in one step. */
    private attempt(tenancy: Tenancy, progress: Progress): RouteReply | Refusal {
        try {
            return this.work(tenancy, progress);
        } catch (error) {
            if (error instanceof Refusal) {
                return error;
            }
            // Replaced by what the fault makes of it.
            if (error instanceof StruckBefore) {
                return { status: 200 };
            }
            throw error;
        }
    }

    private work(tenancy: Tenancy, progress: Progress): RouteReply {
        const { world, faults } = tenancy;
        const { request } = progress;
        if (request.path.length + request.query.length > MAX_URI_BYTES) {
            throw gatewayRefusal(414, "APIGW.0201", "Request-URI Too Large");
        }
        const { service, route, params } = this.match(progress);
        strike(progress, faults.take(service.name, route.operation, undefined));
        if (request.body.byteLength > MAX_BODY_BYTES) {
            throw gatewayRefusal(413, "APIGW.0201", "Request Entity Too Large");
        }
        if (route.authentication === "required") {
            progress.identity = authenticated(world, request, service.errors);
        }
        const { identity } = progress;
        tenancy.throttles.admit(world, service.name, route.operation, identity?.name ?? "");
        if (identity !== undefined && progress.fault === undefined) {
            strike(progress, faults.take(service.name, route.operation, identity.name));
        }
        const project = identity === undefined ? "" : projectOf(world, identity, params, request, service.errors);
        const call = {
            world,
            identity,
            project,
            requestId: progress.requestId,
            service: service.name,
            operation: route.operation,
            header: request.header,
            origin: request.origin,
        };
        const body = route.takesBody ? bodyOf(request, service.errors) : undefined;
        const judgement = route.handle(call, { params, query: new URLSearchParams(request.query), body });
        if (!judgement.good) {
            throw service.errors.invalid(judgement.problem);
        }
        return judgement.answer;
    }

    private match(progress: Progress): MatchedRoute {
        const { method, path } = progress.request;
        const matched = this.find(method, path);
        if (matched !== undefined) {
            progress.matched = matched;
            progress.errors = matched.service.errors;
            return matched;
        }
        for (const other of METHODS) {
            const errors = this.find(other, path)?.service.errors;
            if (errors?.methodNotAllowed === undefined) {
                continue;
            }
            progress.errors = errors;
            throw errors.methodNotAllowed(method);
        }
        for (const { errors } of this.services) {
            const refusal = errors.unknownPath?.(path);
            if (refusal === undefined) {
                continue;
            }
            progress.errors = errors;
            throw refusal;
        }
        throw gatewayRefusal(404, "APIGW.0101", "The API does not exist or has not been published in the environment");
    }

    private find(method: string, path: string): MatchedRoute | undefined {
        const [handlers] = this.router.match(method, path);
        const [first] = handlers;
        if (first === undefined) {
            return undefined;
        }
        const [{ service, route }, found] = first;
        const params: Record<string, string> = {};
        for (const [name, value] of Object.entries(found)) {
            if (typeof value === "string") {
                params[name] = value;
            }
        }
        return { service, route, params: decodedParams(params) };
    }
}

function authenticated(world: World, request: ReceivedRequest, errors: ErrorShape): Identity {
    try {
        return authenticate(world, request);
    } catch (error) {
        if (!(error instanceof NotAuthenticated)) {
            throw error;
        }
        throw errors.notAuthenticated?.(error.message, world) ?? notAuthenticated(error.message);
    }
}

function strike(progress: Progress, fault: Fault | undefined): void {
    if (fault === undefined) {
        return;
    }
    progress.fault = fault;
    if ("when" in fault && fault.when === "before") {
        throw new StruckBefore();
    }
}

function record(tenancy: Tenancy, progress: Progress, status: number | null, errorCode: string | undefined): void {
    const { request, matched } = progress;
    const service = matched?.service.name;
    const operation = matched?.route.operation;
    const { world } = tenancy;
    world.auditLog.countRequest(service ?? "none", operation ?? "none", status === null ? "broken" : String(status));
    tenancy.log.push({
        requestId: progress.requestId,
        at: world.now(),
        wallAt: world.clock.wallNow(),
        method: request.method,
        path: request.path,
        query: request.query,
        service,
        operation,
        project: matched?.params.project_id,
        identity: progress.identity && shownIdentity(progress.identity.name),
        body: withoutSecrets(request.json?.value, matched?.route.secrets ?? ["*"]),
        status,
        errorCode,
        fault: progress.fault?.fault,
    });
}
