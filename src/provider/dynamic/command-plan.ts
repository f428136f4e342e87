import type { Cloud } from "../../cloud/cloud";
import type { StackConfiguration } from "../../cloud/settings/settings";
import { systemClock } from "../../util/clock";
import { getOrCreate } from "../../util/get-or-create";
import { lazy } from "../../util/lazy";
import { type Plan, type PlannedOperation, planStack } from "../assessment/plan";
import { readStackState } from "../assessment/stack-state";
import type { AssessmentContext } from "../assessment/subject";
import type { Limit } from "../call";
import { approvedFileText } from "../guards/approved-list";
import { createProcessCloud } from "../process-cloud";
import { processGuardLists } from "../process-guard-lists";
import { Sessions } from "../sessions";
import { within } from "../waiting/deadline";

export interface PlanRequest {
    /** What `pulumi stack export` prints. */
    readonly state: string;
    readonly operation: PlannedOperation;
    /** Whether the plan is to become an approved list: then none that is in force binds it. */
    readonly approves: boolean;
    /** Called as the work goes on. */
    readonly onProgress: (text: string) => void;
}

const LONGEST: Limit = { ms: 30 * 60_000, text: "30m", source: "the limit of every plan" };

/** Plans with this process's own network, environment and files. Reads only. Rejects with an error of one line. */
export async function planInCloud({ state, operation, approves, onProgress }: PlanRequest): Promise<Plan> {
    const stack = readStackState(state);
    const progress = new PlanProgress(stack.resources.length, onProgress);
    const cloud = createProcessCloud({ beforeSend: async () => progress.requested() });
    const contexts = new Map<string, AssessmentContext>();
    const contextOf = (configuration: StackConfiguration) =>
        getOrCreate(contexts, JSON.stringify(configuration), () =>
            contextIn(cloud, configuration, { operation, approves }),
        );
    return within(systemClock, LONGEST, (signal) =>
        planStack(
            { contextOf, now: () => systemClock.now(), onLooked: (looked) => progress.looked(looked) },
            stack,
            operation,
            signal,
        ),
    );
}

/** The approved list that lets exactly this plan through. */
export function approvedTextOf({ resources }: Plan): string {
    const entries = new Map(
        resources.flatMap(({ approved }) => approved).map((entry) => [JSON.stringify(entry), entry] as const),
    );
    return approvedFileText([...entries.values()]);
}

function contextIn(
    cloud: Cloud,
    configuration: StackConfiguration,
    { operation, approves }: Pick<PlanRequest, "operation" | "approves">,
): AssessmentContext {
    const age = operation === "destroy" ? "perhapsOfLastUp" : "current";
    return {
        clock: systemClock,
        sessions: new Sessions(systemClock, Math.random),
        connect: (request, signal) => cloud.connect(request, configuration, signal),
        guardLists: lazy(() => processGuardLists(configuration, age, approves ? "keep" : "all")),
    };
}

/** `looking: 3 of 7 resources, 240 requests` */
class PlanProgress {
    private requests = 0;
    private done = 0;

    constructor(
        private readonly of: number,
        private readonly show: (text: string) => void,
    ) {}

    requested(): void {
        this.requests += 1;
        this.report();
    }

    looked(done: number): void {
        this.done = done;
        this.report();
    }

    private report(): void {
        this.show(`looking: ${this.done} of ${this.of} resources, ${this.requests} requests`);
    }
}
