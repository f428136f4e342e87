import { CANCELLED, neverCancelled } from "../cancellation";
import type { Clock, Random } from "../clock";
import type { CloudClient, Place, Service } from "./call";
import { Client, type Line } from "./client";
import { type Credentials, configurationCredentials, environmentCredentials, fingerprint } from "./credentials";
import { endpointOf } from "./endpoints";
import { CloudError } from "./errors";
import { iam, lookUpProject, PasswordTokens, type Scope } from "./iam";
import { type Authoriser, anonymous, Identity, KeyAuthoriser, TokenAuthoriser } from "./identity";
import { Pacer } from "./pacing";
import { whereabouts } from "./place";
import { type Profile, profileFile, type ReadFile, readProfile } from "./profile";
import { type Environment, misconfigured, type StackConfiguration } from "./settings";
import { Shared } from "./shared";
import type { Transport } from "./transport";

export interface CloudOptions {
    readonly clock: Clock;
    readonly random: Random;
    readonly transport: Transport;
    readonly env: Environment;
    readonly readFile: ReadFile;
    readonly homeDir: string;
    /** Of this package, for the User-Agent. */
    readonly version: string;
    /** Awaited right before each request; if it rejects, nothing is sent. */
    readonly beforeSend?: () => Promise<void>;
    /** Once it aborts nothing that changes something is sent: not what waits, not what would be tried again. */
    readonly cancelled?: AbortSignal;
}

/** Where to act, as far as the inputs say. With `stored` that place is used as it is, and nothing is looked up. */
export interface Wish {
    readonly region?: string | undefined;
    readonly projectId?: string | undefined;
    readonly profile?: string | undefined;
    readonly stored?: Place | undefined;
}

export interface Connection {
    readonly place: Place;
    /** Tells identities apart within this process; not secret. */
    readonly identity: string;
    /** Throws CloudError of kind `configuration` where the service's endpoint is misconfigured. */
    client(service: Service): CloudClient;
}

/** One per process: identities, tokens, pacing and look-ups are shared by all connections. */
export interface Cloud {
    /** Rejects with CloudError: `configuration` before anything was sent, or what the look-up of the project met. */
    connect(wish: Wish, config: StackConfiguration, signal: AbortSignal): Promise<Connection>;
}

export function createCloud(options: CloudOptions): Cloud {
    return new HuaweiCloud(options);
}

class HuaweiCloud implements Cloud {
    readonly #options: CloudOptions;
    readonly #line: Line;
    readonly #identities = new Map<string, Identity>();
    readonly #tokens = new Map<string, PasswordTokens>();
    readonly #pacers = new Map<string, Pacer>();
    readonly #projects = new Map<string, Shared<string>>();
    readonly #projectIds = new Map<string, string>();
    /** Names that IAM shows no project for, or several: every resource would ask for them again. */
    readonly #noProjects = new Map<string, CloudError>();

    constructor(options: CloudOptions) {
        this.#options = options;
        this.#line = {
            clock: options.clock,
            random: options.random,
            transport: options.transport,
            userAgent: `pulumi-huaweicloud-batch/${options.version}`,
            beforeSend: options.beforeSend,
            cancelled: options.cancelled ?? neverCancelled,
        };
    }

    async connect(wish: Wish, config: StackConfiguration, signal: AbortSignal): Promise<Connection> {
        const { cancelled } = this.#line;
        try {
            return await this.#connect(wish, config, AbortSignal.any([signal, cancelled]));
        } catch (error) {
            throw cancelled.aborted ? cancelledError() : error;
        }
    }

    async #connect(wish: Wish, config: StackConfiguration, signal: AbortSignal): Promise<Connection> {
        signal.throwIfAborted();
        const wanted = wish.stored?.profile ?? wish.profile;
        const { credentials, profile } = await this.#credentials(wanted, config);
        const identity = this.#identity(credentials);
        const place = wish.stored ?? (await this.#place(wish, config, identity, profile, signal));
        return {
            place,
            identity: identity.key,
            client: (service) => this.#client(service, place, identity, { id: place.projectId }, config),
        };
    }

    async #credentials(
        wanted: string | undefined,
        config: StackConfiguration,
    ): Promise<{ credentials: Credentials; profile?: Profile }> {
        const { env, homeDir, readFile } = this.#options;
        const credentials =
            wanted === undefined ? (environmentCredentials(env) ?? configurationCredentials(config)) : undefined;
        if (credentials !== undefined) {
            return { credentials };
        }
        const profile = await readProfile(wanted, env, homeDir, readFile);
        if (profile === undefined) {
            throw misconfigured(
                "CredentialsMissing",
                "no credentials: set HW_ACCESS_KEY and HW_SECRET_KEY (or OS_*, or HUAWEICLOUD_SDK_AK and _SK), or " +
                    `huaweicloud-batch:accessKey and :secretKey, or configure KooCLI (${profileFile(env, homeDir)} is not there)`,
            );
        }
        return { credentials: profile.credentials, profile };
    }

    async #place(
        wish: Wish,
        config: StackConfiguration,
        identity: Identity,
        profile: Profile | undefined,
        signal: AbortSignal,
    ): Promise<Place> {
        const { region, project } = whereabouts({
            region: wish.region,
            projectId: wish.projectId,
            env: this.#options.env,
            config,
            profile,
            profileAlone: wish.profile !== undefined,
        });
        const projectId =
            project.is === "known" ? project.id : await this.#projectId(identity, region, project.name, config, signal);
        return { region, projectId, ...(wish.profile === undefined ? {} : { profile: wish.profile }) };
    }

    async #projectId(
        identity: Identity,
        region: string,
        name: string,
        config: StackConfiguration,
        signal: AbortSignal,
    ): Promise<string> {
        const place = { region, projectId: "" };
        const client = this.#client(iam, place, identity, { name }, config);
        const key = JSON.stringify([identity.key, client.origin, name]);
        const known = this.#projectIds.get(key);
        if (known !== undefined) {
            return known;
        }
        const none = this.#noProjects.get(key);
        if (none !== undefined) {
            throw none;
        }
        const lookUp = kept(this.#projects, key, () => {
            return new Shared((stop) => lookUpProject(client, name, identity.source, stop));
        });
        try {
            const found = await lookUp.get(signal);
            this.#projectIds.set(key, found);
            return found;
        } catch (error) {
            if (error instanceof CloudError && error.kind === "configuration") {
                this.#noProjects.set(key, error);
            }
            throw error;
        }
    }

    #identity(credentials: Credentials): Identity {
        return kept(this.#identities, fingerprint(credentials), () => {
            return new Identity(`identity-${this.#identities.size + 1}`, credentials);
        });
    }

    #client(service: Service, place: Place, identity: Identity, scope: Scope, config: StackConfiguration): Client {
        const authoriser = this.#authoriser(identity, place, scope, config);
        return this.#clientAs(authoriser, service, place, identity, config);
    }

    #clientAs(
        authoriser: Authoriser,
        service: Service,
        place: Place,
        identity: Identity,
        config: StackConfiguration,
    ): Client {
        const origin = endpointOf(service, place.region, this.#options.env, config);
        const { clock, random } = this.#options;
        const key = JSON.stringify([service.name, origin, place.region, identity.key]);
        const pacer = kept(this.#pacers, key, () => new Pacer({ clock, random }));
        return new Client(this.#line, { service, place, origin, identity, authoriser, pacer });
    }

    #authoriser(identity: Identity, place: Place, scope: Scope, config: StackConfiguration): Authoriser {
        const credentials = identity.credentials();
        switch (credentials.is) {
            case "key":
                return new KeyAuthoriser(credentials, this.#options.clock);
            case "token":
                return new TokenAuthoriser({
                    token: async () => credentials.token.reveal(),
                    accepted: () => {},
                    refused: () => "final",
                });
            case "password": {
                const client = this.#clientAs(anonymous, iam, place, identity, config);
                const key = JSON.stringify([identity.key, client.origin, scope]);
                return new TokenAuthoriser(
                    kept(this.#tokens, key, () => {
                        return new PasswordTokens(client, credentials, scope, this.#options.clock);
                    }),
                );
            }
        }
    }
}

/** What begins, or waits for a place to be found, when the operation is cancelled, does nothing at all. */
function cancelledError(): CloudError {
    return new CloudError({ kind: "aborted", code: CANCELLED.code, detail: CANCELLED.message });
}

function kept<T>(map: Map<string, T>, key: string, make: () => T): T {
    const known = map.get(key);
    if (known !== undefined) {
        return known;
    }
    const made = make();
    map.set(key, made);
    return made;
}
