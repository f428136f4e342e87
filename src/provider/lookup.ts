import { ApiFailure } from "../batch/api";
import type { CloudClient, Service } from "../cloud/call";
import type { Cloud } from "../cloud/cloud";
import { configurationProblem } from "../cloud/settings/known";
import { type Environment, fromEnvironment, type StackConfiguration } from "../cloud/settings/settings";
import { CANCELLED, neverCancelled } from "../util/cancellation";
import type { Clock } from "../util/clock";
import type { Limit } from "./call";
import { within } from "./waiting/deadline";

const LONGEST: Limit = { ms: 10 * 60_000, text: "10m", source: "the limit of every look-up" };

/** Where to read, and as whom; what is left out comes from environment, stack configuration and profile, as for a resource. */
export interface ListPlace {
    readonly region?: string | undefined;
    readonly projectId?: string | undefined;
    readonly profile?: string | undefined;
}

export interface LookUp<T> {
    readonly service: Service;
    /** `now`: when the reading begins, in milliseconds since the epoch. */
    readonly read: (client: CloudClient, signal: AbortSignal, now: number) => Promise<T>;
    readonly where: ListPlace;
    readonly configuration: StackConfiguration;
    readonly env: Environment;
    /** The names of all services: each may have an endpoint of its own in the configuration. */
    readonly services: readonly string[];
    /** Aborts when the engine cancels the operation. Left out: nobody tells. */
    readonly cancelled?: AbortSignal;
    /** A variable that would narrow this list in other tools, and what to say instead here. */
    readonly refuses?: { readonly variable: string; readonly argument: string } | undefined;
}

/** Reads something for a program, within ten minutes. Rejects with an error of one line. */
export async function lookUp<T>(cloud: Cloud, clock: Clock, asked: LookUp<T>): Promise<T> {
    const { cancelled = neverCancelled } = asked;
    const work = async (signal: AbortSignal) => {
        const problem = configurationProblem(asked.configuration, asked.services);
        const refused = asked.refuses && fromEnvironment(asked.env, [asked.refuses.variable]);
        if (problem !== undefined) {
            throw new Error(`${problem}; nothing was sent`);
        }
        if (refused !== undefined) {
            throw new Error(
                `${refused.name} is set, and this list is not narrowed by it: give the argument ${asked.refuses?.argument}, or unset it; nothing was sent`,
            );
        }
        try {
            const connection = await cloud.connect(asked.where, asked.configuration, signal);
            return await asked.read(connection.client(asked.service), signal, clock.now());
        } catch (error) {
            if (cancelled.aborted) {
                throw new Error(`${CANCELLED.code}: ${CANCELLED.message}`, { cause: error });
            }
            if (signal.aborted) {
                throw new Error(`Timeout: not read within ${LONGEST.text}; narrow the filters, or try again`, {
                    cause: error,
                });
            }
            throw error instanceof ApiFailure ? new Error(line(error), { cause: error }) : error;
        }
    };
    return within(clock, LONGEST, work, { cancelled, waits: false });
}

function line({ problem }: ApiFailure): string {
    const request = problem.requestId === undefined ? "" : ` (request ${problem.requestId})`;
    return `${problem.code}: ${problem.message}${request}`;
}
