import { CANCELLED, neverCancelled } from "../util/cancellation";
import type { Clock, Random } from "../util/clock";
import { Opaque } from "../util/opaque";
import { SingleFlight } from "../util/single-flight";
import {
    anyConfigurationCredential,
    type Credentials,
    configurationCredentials,
    environmentCredentials,
    fingerprint,
} from "./auth/credentials";
import { iam, lookUpProject, PasswordTokens, type Scope } from "./auth/iam";
import {
    type Authoriser,
    anonymous,
    type ConfigurationAge,
    Identity,
    KeyAuthoriser,
    TokenAuthoriser,
} from "./auth/identity";
import type { CloudClient, Place, Service } from "./call";
import { Client, type ClientRuntime } from "./client/client";
import { CloudError } from "./errors";
import type { Transport } from "./http/transport";
import { endpointOf, givenEndpoint, requireEndpoints } from "./place/endpoints";
import { givenPlace } from "./place/place";
import type { PlaceSource } from "./place/place-source";
import { type Profile, profileFile, type ReadFile, readProfile } from "./place/profile";
import { RateLimiter } from "./rate-limiter";
import {
    type Environment,
    fromConfiguration,
    fromEnvironment,
    misconfigured,
    requireTidy,
    type StackConfiguration,
} from "./settings/settings";
import { contradiction, refuseOtherSources, refuseUnsupported } from "./settings/unsupported";

export interface CloudOptions {
    readonly clock: Clock;
    readonly random: Random;
    readonly transport: Transport;
    readonly env: Environment;
    readonly readFile: ReadFile;
    /** Undefined where this process has none. */
    readonly homeDir: string | undefined;
    /** The names of the services that resources are for: each may have an endpoint of its own in the settings. */
    readonly services: readonly string[];
    /** Of this package, for the User-Agent. */
    readonly version: string;
    /** Awaited right before each request; if it rejects, nothing is sent. */
    readonly beforeSend?: () => Promise<void>;
    /** Called after each request that a service throttled: it is tried again later. */
    readonly onThrottled?: (service: Service) => void;
    /** Once it aborts nothing that changes something is sent: not what waits, not what would be tried again. */
    readonly cancelled?: AbortSignal;
    /** Current unless told. */
    readonly configurationAge?: ConfigurationAge;
}

/** Where to act, as far as the inputs say. With `stored` that place is used as it is, and nothing is looked up. */
export interface PlaceRequest {
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
    connect(wish: PlaceRequest, config: StackConfiguration, signal: AbortSignal): Promise<Connection>;
}

export function createCloud(options: CloudOptions): Cloud {
    return new HuaweiCloud(options);
}

class HuaweiCloud extends Opaque implements Cloud {
    private readonly runtime: ClientRuntime;
    private readonly identities = new Map<string, Identity>();
    private readonly tokens = new Map<string, PasswordTokens>();
    private readonly rateLimiters = new Map<string, RateLimiter>();
    private readonly projects = new Map<string, SingleFlight<string>>();
    private readonly projectIds = new Map<string, string>();
    /** Names that IAM shows no project for, or several: every resource would ask for them again. */
    private readonly noProjects = new Map<string, CloudError>();

    constructor(private readonly options: CloudOptions) {
        super();
        this.runtime = {
            clock: options.clock,
            random: options.random,
            transport: options.transport,
            userAgent: `pulumi-huaweicloud-batch/${options.version}`,
            beforeSend: options.beforeSend,
            onThrottled: options.onThrottled,
            cancelled: options.cancelled ?? neverCancelled,
        };
    }

    async connect(wish: PlaceRequest, config: StackConfiguration, signal: AbortSignal): Promise<Connection> {
        const { cancelled } = this.runtime;
        try {
            return await this.openConnection(wish, config, AbortSignal.any([signal, cancelled]));
        } catch (error) {
            throw cancelled.aborted ? cancelledError() : error;
        }
    }

    private async openConnection(
        wish: PlaceRequest,
        config: StackConfiguration,
        signal: AbortSignal,
    ): Promise<Connection> {
        signal.throwIfAborted();
        const { env, services } = this.options;
        refuseUnsupported(env, services);
        requireEndpoints(services, env, config);
        const argument = wish.stored?.profile ?? wish.profile;
        const { credentials, profile, profileAlone } = await this.credentials(argument, config);
        const identity = this.identity(credentials);
        const place = wish.stored ?? (await this.place(wish, config, identity, { profile, profileAlone }, signal));
        return {
            place,
            identity: identity.key,
            client: (service) => this.client(service, place, identity, { id: place.projectId }, config),
        };
    }

    /** A profile that an argument or stack configuration names is the only source there is; then nothing of another account mixes in. */
    private async credentials(
        argument: string | undefined,
        config: StackConfiguration,
    ): Promise<{ credentials: Credentials; profile?: Profile; profileAlone: boolean }> {
        const { env } = this.options;
        if (argument !== undefined) {
            const profile = await this.profile(argument);
            return { credentials: profile.credentials, profile, profileAlone: true };
        }
        const configured = fromConfiguration(config, "profile");
        if (configured !== undefined) {
            const beside = anyConfigurationCredential(config);
            if (beside !== undefined) {
                throw contradiction(configured, beside);
            }
            const profile = await this.profile(requireTidy(configured), `, which ${configured.name} names`);
            return { credentials: profile.credentials, profile, profileAlone: true };
        }
        const credentials = environmentCredentials(env);
        const profileByEnvironment = fromEnvironment(env, ["HW_PROFILE", "HW_SHARED_CONFIG_FILE"]);
        if (credentials !== undefined) {
            if (profileByEnvironment !== undefined) {
                throw contradiction(profileByEnvironment, { name: credentials.source, value: "" });
            }
            return { credentials, profileAlone: false };
        }
        refuseOtherSources(env);
        const fromStack = profileByEnvironment === undefined ? configurationCredentials(config) : undefined;
        if (fromStack !== undefined) {
            return { credentials: fromStack, profileAlone: false };
        }
        const profile = await this.profile(undefined);
        return { credentials: profile.credentials, profile, profileAlone: false };
    }

    private async profile(wanted: string | undefined, wantedBy = ""): Promise<Profile> {
        const { env, homeDir, readFile, configurationAge } = this.options;
        try {
            const profile = await readProfile(wanted, env, homeDir, readFile);
            if (profile !== undefined) {
                return profile;
            }
        } catch (error) {
            if (error instanceof CloudError && wantedBy !== "") {
                const age =
                    configurationAge?.() === "perhapsOfLastUp"
                        ? ". Destroy and refresh use the stack configuration of the last `up`: if it was changed since, run `pulumi up` first, or the same command with --run-program"
                        : "";
                throw misconfigured(error.code, `${error.detail}${wantedBy}${age}`);
            }
            throw error;
        }
        const file = profileFile(env, homeDir);
        const pod =
            fromEnvironment(env, ["HC_CONTAINER_CREDENTIALS_FULL_URI"]) === undefined
                ? ""
                : "; HC_CONTAINER_CREDENTIALS_FULL_URI is set, and the identity of a pod is not supported";
        throw misconfigured(
            "CredentialsMissing",
            "no credentials: set HW_ACCESS_KEY and HW_SECRET_KEY (or OS_*, or HUAWEICLOUD_SDK_AK and _SK), or " +
                "huaweicloud-batch:accessKey and :secretKey, or configure KooCLI " +
                `(${file === undefined ? "HOME is not set, and neither is HW_SHARED_CONFIG_FILE" : `${file} is not there`})${pod}`,
        );
    }

    private async place(
        wish: PlaceRequest,
        config: StackConfiguration,
        identity: Identity,
        { profile, profileAlone }: { readonly profile: Profile | undefined; readonly profileAlone: boolean },
        signal: AbortSignal,
    ): Promise<Place> {
        const { region, regionFrom, project } = givenPlace({
            region: wish.region,
            projectId: wish.projectId,
            env: this.options.env,
            config,
            profile,
            profileAlone,
        });
        const projectId =
            project.is === "known" ? project.id : await this.projectId(identity, region, project.name, config, signal);
        const projectFrom: PlaceSource = project.is === "known" ? project.from : { kind: "lookUp", name: project.name };
        const profileAsked = wish.profile === undefined ? {} : { profile: wish.profile };
        return { region, projectId, ...profileAsked, regionFrom, projectFrom };
    }

    private async projectId(
        identity: Identity,
        region: string,
        name: string,
        config: StackConfiguration,
        signal: AbortSignal,
    ): Promise<string> {
        const place = { region, projectId: "" };
        const client = this.client(iam, place, identity, { name }, config);
        const key = JSON.stringify([identity.key, client.origin, name]);
        const known = this.projectIds.get(key);
        if (known !== undefined) {
            return known;
        }
        const none = this.noProjects.get(key);
        if (none !== undefined) {
            throw none;
        }
        const lookUp = getOrCreate(this.projects, key, () => {
            return new SingleFlight((stop) => lookUpProject(client, name, identity.source, stop));
        });
        try {
            const found = await lookUp.get(signal);
            this.projectIds.set(key, found);
            return found;
        } catch (error) {
            if (error instanceof CloudError && (error.kind === "configuration" || error.kind === "refused")) {
                // Every resource would ask again: concurrent ones share the error too.
                const told = getOrCreate(this.noProjects, key, () => withWayOn(error));
                throw told;
            }
            throw error;
        }
    }

    private identity(credentials: Credentials): Identity {
        return getOrCreate(this.identities, fingerprint(credentials), () => {
            return new Identity(`identity-${this.identities.size + 1}`, credentials, this.options.configurationAge);
        });
    }

    private client(
        service: Service,
        place: Place,
        identity: Identity,
        scope: Scope,
        config: StackConfiguration,
    ): Client {
        const authoriser = this.authoriser(identity, place, scope, config);
        return this.clientAs(authoriser, service, place, identity, config);
    }

    private clientAs(
        authoriser: Authoriser,
        service: Service,
        place: Place,
        identity: Identity,
        config: StackConfiguration,
    ): Client {
        const origin = endpointOf(service, place.region, this.options.env, config);
        const { clock, random } = this.options;
        const key = JSON.stringify([service.name, origin, place.region, identity.key]);
        const pacer = getOrCreate(this.rateLimiters, key, () => new RateLimiter({ clock, random }));
        const reached = {
            region: place.region,
            by: givenEndpoint(service.name, this.options.env, config)?.by,
        };
        return new Client(this.runtime, { service, place, origin, identity, authoriser, pacer, reached });
    }

    private authoriser(identity: Identity, place: Place, scope: Scope, config: StackConfiguration): Authoriser {
        const credentials = identity.credentials();
        switch (credentials.is) {
            case "key":
                return new KeyAuthoriser(credentials, this.options.clock);
            case "token":
                return new TokenAuthoriser({
                    token: async () => credentials.token.reveal(),
                    accepted: () => {},
                    refused: () => "final",
                });
            case "password": {
                const client = this.clientAs(anonymous, iam, place, identity, config);
                const key = JSON.stringify([identity.key, client.origin, scope]);
                return new TokenAuthoriser(
                    getOrCreate(this.tokens, key, () => {
                        return new PasswordTokens(client, credentials, scope, this.options.clock);
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

/** IAM refuses to say which project it is. */
function withWayOn(error: CloudError): CloudError {
    if (error.kind !== "refused") {
        return error;
    }
    const { kind, service, operation, status, code, detail, requestId } = error;
    return new CloudError({
        kind,
        code,
        detail: `${detail}; give the project's id, then nobody is asked for it: the argument projectId, HW_PROJECT_ID, or huaweicloud-batch:projectId`,
        ...(service === undefined ? {} : { service }),
        ...(operation === undefined ? {} : { operation }),
        ...(status === undefined ? {} : { status }),
        ...(requestId === undefined ? {} : { requestId }),
    });
}

function getOrCreate<T>(map: Map<string, T>, key: string, make: () => T): T {
    const known = map.get(key);
    if (known !== undefined) {
        return known;
    }
    const made = make();
    map.set(key, made);
    return made;
}
