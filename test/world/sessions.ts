import type { BatchApi } from "../../src/batch/api";
import type { Session } from "../../src/batch/session/session";
import type { Connection } from "../../src/cloud/cloud";
import { Sessions } from "../../src/provider/sessions";
import type { Act, TargetSetDefinition } from "../../src/services/definition";
import type { Clock, Random } from "../../src/util/clock";
import { leftInLedger } from "../batch/left-in-ledger";

export interface Seams {
    readonly api: (api: BatchApi, of: { readonly resource: string; readonly variant: string }) => BatchApi;
    readonly session: (session: Session) => void;
}

/** The sessions of one process, with a seam between the batch engine and each service. */
export class ObservedSessions extends Sessions {
    private readonly opened = new Set<Session>();

    constructor(
        clock: Clock,
        random: Random,
        private readonly seams: Seams,
        cancelled: AbortSignal,
    ) {
        super(clock, random, cancelled);
    }

    override of(definition: TargetSetDefinition, act: Act, connection: Connection): Session {
        const seen: Act = {
            variant: act.variant,
            api: (client) => this.seams.api(act.api(client), { resource: definition.resource, variant: act.variant }),
        };
        const session = super.of(definition, seen, connection);
        if (!this.opened.has(session)) {
            this.opened.add(session);
            this.seams.session(session);
        }
        return session;
    }

    /** What these sessions still hold; one line each. Empty once every hook has ended. */
    leftovers(): readonly string[] {
        return [...this.opened].flatMap((session) => {
            const { api, targetPoller: targets, stuckJobPoller: stuck, jobTracker: jobs, batcher: submits } = session;
            // biome-ignore-start lint/complexity/useLiteralKeys: only so can a test look at what is private
            const left: Array<readonly [string, number]> = [
                ["entries, holds and reports of targets", leftInLedger(session).length],
                ["waiters for targets", targets["waiters"].size],
                ["waiters for targets of stuck jobs", stuck["waiters"].size],
                ["waiters for jobs", jobs["poller"]["waiters"].size],
                ["requests under way", submits["taken"]],
                ["queued targets", submits["queue"].size],
            ];
            // biome-ignore-end lint/complexity/useLiteralKeys: see above
            return left.flatMap(([what, count]) => (count === 0 ? [] : [`${api.name}: ${count} ${what}`]));
        });
    }
}
