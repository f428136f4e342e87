import { getOrCreate } from "../../util/get-or-create";
import { Opaque } from "../../util/opaque";
import { iam, PasswordTokens, type Scope } from "../auth/iam";
import { type Authoriser, anonymous, type Identity, KeyAuthoriser, TokenAuthoriser } from "../auth/identity";
import type { Place, Service } from "../call";
import { endpointOf, givenEndpoint } from "../place/endpoints";
import { RateLimiter } from "../rate-limiter";
import type { Environment, StackConfiguration } from "../settings/settings";
import { Client, type ClientRuntime } from "./client";

/** Who sends requests, and the stack configuration that may say where they go. */
export interface Caller {
    readonly identity: Identity;
    readonly config: StackConfiguration;
}

/** Makes the clients of one process. The clients of one identity share its tokens, and those for one service and region a rate limiter. */
export class Clients extends Opaque {
    private readonly tokens = new Map<string, PasswordTokens>();
    private readonly rateLimiters = new Map<string, RateLimiter>();

    constructor(
        private readonly runtime: ClientRuntime,
        private readonly env: Environment,
    ) {
        super();
    }

    /** Throws CloudError of kind `configuration` where the service's endpoint is misconfigured. */
    client(service: Service, place: Place, scope: Scope, caller: Caller): Client {
        return this.authorisedClient(this.authoriser(place, scope, caller), service, place, caller);
    }

    private authorisedClient(
        authoriser: Authoriser,
        service: Service,
        place: Place,
        { identity, config }: Caller,
    ): Client {
        const { clock, random } = this.runtime;
        const origin = endpointOf(service, place.region, this.env, config);
        const key = JSON.stringify([service.name, origin, place.region, identity.key]);
        const rateLimiter = getOrCreate(this.rateLimiters, key, () => new RateLimiter({ clock, random }));
        const reached = { region: place.region, by: givenEndpoint(service.name, this.env, config)?.by };
        return new Client(this.runtime, { service, place, origin, identity, authoriser, rateLimiter, reached });
    }

    private authoriser(place: Place, scope: Scope, caller: Caller): Authoriser {
        const { clock } = this.runtime;
        const { identity } = caller;
        const credentials = identity.credentials();
        switch (credentials.is) {
            case "key":
                return new KeyAuthoriser(credentials, clock);
            case "token":
                return new TokenAuthoriser({
                    token: async () => credentials.token.reveal(),
                    accepted: () => {},
                    refused: () => "final",
                });
            case "password": {
                const client = this.authorisedClient(anonymous, iam, place, caller);
                const key = JSON.stringify([identity.key, client.origin, scope]);
                return new TokenAuthoriser(
                    getOrCreate(this.tokens, key, () => new PasswordTokens(client, credentials, scope, clock)),
                );
            }
        }
    }
}
