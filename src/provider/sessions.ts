import type { Session } from "../batch/session/session";
import { announcing } from "../cloud/call";
import type { Connection } from "../cloud/cloud";
import type { Act, TargetSetDefinition } from "../services/definition";
import type { Clock, Random } from "../util/clock";
import { getOrCreate } from "../util/get-or-create";
import { SharedLists } from "./matching/shared-lists";

/** One session for each API, place and identity: what runs at once in one process shares its requests. */
export class Sessions {
    readonly lists: SharedLists;
    private readonly open = new Map<string, Session>();
    private readonly ofService = new Map<string, Session[]>();

    constructor(
        private readonly clock: Clock,
        private readonly random: Random,
        private readonly cancelled?: AbortSignal,
    ) {
        this.lists = new SharedLists(clock);
    }

    of({ resource, service }: TargetSetDefinition, act: Act, connection: Connection): Session {
        const { region, projectId } = connection.place;
        const key = JSON.stringify([resource, act.variant, region, projectId, connection.identity]);
        const known = this.open.get(key);
        if (known !== undefined) {
            return known;
        }
        const ofService = getOrCreate<Session[]>(this.ofService, service.name, () => []);
        const client = announcing(connection.client(service), ({ targets, operation }) => {
            session.sending(targets, operation);
            for (const { looks } of ofService) {
                looks.forget();
            }
        });
        const session = new (loadSession().Session)(act.api(client), this.clock, this.random, this.cancelled);
        this.open.set(key, session);
        ofService.push(session);
        return session;
    }
}

function loadSession(): typeof import("../batch/session/session") {
    return require("../batch/session/session");
}
