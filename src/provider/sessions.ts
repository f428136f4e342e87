import type { Session } from "../batch/session";
import type { Clock, Random } from "../clock";
import type { Connection } from "../cloud/cloud";
import type { Act, TargetSetDefinition } from "../services/definition";

/** One session for each API, place and identity: what runs at once in one process shares its requests. */
export class Sessions {
    private readonly open = new Map<string, Session>();

    constructor(
        private readonly clock: Clock,
        private readonly random: Random,
        private readonly cancelled?: AbortSignal,
    ) {}

    of({ resource, service }: TargetSetDefinition, act: Act, connection: Connection): Session {
        const { region, projectId } = connection.place;
        const key = JSON.stringify([resource, act.variant, region, projectId, connection.identity]);
        const known = this.open.get(key);
        if (known !== undefined) {
            return known;
        }
        const session = new (batch().Session)(
            act.api(connection.client(service)),
            this.clock,
            this.random,
            this.cancelled,
        );
        this.open.set(key, session);
        return session;
    }
}

function batch(): typeof import("../batch/session") {
    return require("../batch/session");
}
