import { getOrCreate } from "../../util/get-or-create";
import { Opaque } from "../../util/opaque";
import { SingleFlight } from "../../util/single-flight";
import type { ChosenCredentials } from "../auth/choose-credentials";
import { iam, lookUpProject } from "../auth/iam";
import type { Place } from "../call";
import type { Caller, Clients } from "../client/clients";
import { CloudError } from "../errors";
import type { Environment } from "../settings/settings";
import { givenPlace } from "./place";
import type { PlaceSource } from "./place-source";

/** Where to act, as far as the inputs give it. With `stored`, that place is used unchanged and nothing is looked up. */
export interface PlaceRequest {
    readonly region?: string | undefined;
    readonly projectId?: string | undefined;
    readonly profile?: string | undefined;
    readonly stored?: Place | undefined;
}

/** Resolves place requests. One per process, so that each project is looked up once. */
export class PlaceResolver extends Opaque {
    private readonly lookUps = new Map<string, SingleFlight<string>>();
    private readonly projectIds = new Map<string, string>();
    /** Final look-up errors, kept so that not every resource repeats the look-up. */
    private readonly failures = new Map<string, CloudError>();

    constructor(
        private readonly clients: Clients,
        private readonly env: Environment,
    ) {
        super();
    }

    async resolve(
        request: PlaceRequest,
        caller: Caller,
        { profile, profileAlone }: Pick<ChosenCredentials, "profile" | "profileAlone">,
        signal: AbortSignal,
    ): Promise<Place> {
        if (request.stored !== undefined) {
            return request.stored;
        }
        const { region, regionFrom, project } = givenPlace({
            region: request.region,
            projectId: request.projectId,
            env: this.env,
            config: caller.config,
            profile,
            profileAlone,
        });
        const projectId =
            project.is === "known" ? project.id : await this.projectId(region, project.name, caller, signal);
        const projectFrom: PlaceSource = project.is === "known" ? project.from : { kind: "lookUp", name: project.name };
        const profileArgument = request.profile === undefined ? {} : { profile: request.profile };
        return { region, projectId, ...profileArgument, regionFrom, projectFrom };
    }

    private async projectId(region: string, name: string, caller: Caller, signal: AbortSignal): Promise<string> {
        const { identity } = caller;
        const client = this.clients.client(iam, { region, projectId: "" }, { name }, caller);
        const key = JSON.stringify([identity.key, client.origin, name]);
        const known = this.projectIds.get(key);
        if (known !== undefined) {
            return known;
        }
        const failure = this.failures.get(key);
        if (failure !== undefined) {
            throw failure;
        }
        const lookUp = getOrCreate(this.lookUps, key, () => {
            return new SingleFlight((stop) => lookUpProject(client, name, identity.source, stop));
        });
        try {
            const found = await lookUp.get(signal);
            this.projectIds.set(key, found);
            return found;
        } catch (error) {
            if (error instanceof CloudError && (error.kind === "configuration" || error.kind === "refused")) {
                // Callers that waited for the same look-up share the error.
                throw getOrCreate(this.failures, key, () => withWayOn(error));
            }
            throw error;
        }
    }
}

/** Adds to the error of a look-up that IAM refuses how to do without the look-up. */
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
