import { CANCELLED, neverCancelled } from "../util/cancellation";
import type { Clock, Random } from "../util/clock";
import { getOrCreate } from "../util/get-or-create";
import { Opaque } from "../util/opaque";
import { type CredentialSources, chooseCredentials } from "./auth/choose-credentials";
import { type Credentials, fingerprint } from "./auth/credentials";
import { Identity } from "./auth/identity";
import type { CloudClient, Place, Service } from "./call";
import { Clients } from "./client/clients";
import type { SentRequest } from "./client/sent-request";
import { CloudError } from "./errors";
import type { Transport } from "./http/transport";
import { requireEndpoints } from "./place/endpoints";
import { type PlaceRequest, PlaceResolver } from "./place/place-resolver";
import type { StackConfiguration } from "./settings/settings";
import { refuseUnsupported } from "./settings/unsupported";

export type { SentRequest } from "./client/sent-request";
export type { PlaceRequest } from "./place/place-resolver";

export interface CloudOptions extends CredentialSources {
    readonly clock: Clock;
    readonly random: Random;
    readonly transport: Transport;
    /** The names of the services that resources are for: each may have an endpoint of its own in the settings. */
    readonly services: readonly string[];
    /** Of this package, for the User-Agent. */
    readonly version: string;
    /** Awaited right before each request; if it rejects, nothing is sent. */
    readonly beforeSend?: () => Promise<void>;
    /** Called after each request that a service throttled: it is tried again later. */
    readonly onThrottled?: (service: Service) => void;
    /** Called after each request, whatever came of it: for the debug log. */
    readonly onRequest?: (request: SentRequest) => void;
    /** Once it aborts nothing that changes something is sent: not what waits, not what would be tried again. */
    readonly cancelled?: AbortSignal;
}

export interface Connection {
    readonly place: Place;
    /** Tells identities apart within this process; not secret. */
    readonly identity: string;
    /** Throws CloudError of kind `configuration` where the service's endpoint is misconfigured. */
    client(service: Service): CloudClient;
}

/** One per process: all connections share identities, tokens, rate limiters and look-ups. */
export interface Cloud {
    /** Rejects with CloudError: `configuration` before anything was sent, or what the look-up of the project met. */
    connect(request: PlaceRequest, config: StackConfiguration, signal: AbortSignal): Promise<Connection>;
}

export function createCloud(options: CloudOptions): Cloud {
    return new HuaweiCloud(options);
}

class HuaweiCloud extends Opaque implements Cloud {
    private readonly cancelled: AbortSignal;
    private readonly clients: Clients;
    private readonly places: PlaceResolver;
    private readonly identities = new Map<string, Identity>();

    constructor(private readonly options: CloudOptions) {
        super();
        this.cancelled = options.cancelled ?? neverCancelled;
        const runtime = {
            clock: options.clock,
            random: options.random,
            transport: options.transport,
            userAgent: `pulumi-huaweicloud-batch/${options.version}`,
            beforeSend: options.beforeSend,
            onThrottled: options.onThrottled,
            onRequest: options.onRequest,
            cancelled: this.cancelled,
        };
        this.clients = new Clients(runtime, options.env);
        this.places = new PlaceResolver(this.clients, options.env);
    }

    async connect(request: PlaceRequest, config: StackConfiguration, signal: AbortSignal): Promise<Connection> {
        try {
            return await this.openConnection(request, config, AbortSignal.any([signal, this.cancelled]));
        } catch (error) {
            throw this.cancelled.aborted ? cancelledError() : error;
        }
    }

    private async openConnection(
        request: PlaceRequest,
        config: StackConfiguration,
        signal: AbortSignal,
    ): Promise<Connection> {
        signal.throwIfAborted();
        const { env, services } = this.options;
        refuseUnsupported(env, services);
        requireEndpoints(services, env, config);
        const profileArgument = request.stored?.profile ?? request.profile;
        const chosen = await chooseCredentials(profileArgument, config, this.options);
        const identity = this.identity(chosen.credentials);
        const caller = { identity, config };
        const place = await this.places.resolve(request, caller, chosen, signal);
        return {
            place,
            identity: identity.key,
            client: (service) => this.clients.client(service, place, { id: place.projectId }, caller),
        };
    }

    private identity(credentials: Credentials): Identity {
        return getOrCreate(this.identities, fingerprint(credentials), () => {
            return new Identity(`identity-${this.identities.size + 1}`, credentials, this.options.configurationAge);
        });
    }
}

/** A connection that begins, or waits for its project's look-up, when the operation is cancelled does nothing at all. */
function cancelledError(): CloudError {
    return new CloudError({ kind: "aborted", code: CANCELLED.code, detail: CANCELLED.message });
}
