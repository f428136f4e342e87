import { z } from "zod";
import { createEmulator, EmulatedNetworkFault, type Seed, seededRandom } from "../../emulator/src";
import { createCloud } from "../../src/cloud/cloud";
import { type Transport, TransportFailure } from "../../src/cloud/http/transport";
import { withoutEngine } from "../../src/provider/engine-watch";
import { noGuardLists } from "../../src/provider/guards/guard-lists";
import { createLifecycle, type Lifecycle } from "../../src/provider/lifecycle";
import { Ownership } from "../../src/provider/ownership/ownership";
import { ReportFile } from "../../src/provider/report/record/report-file";
import { hooksOf } from "../../src/provider/resource-hooks";
import { Sessions } from "../../src/provider/sessions";
import { Throttling } from "../../src/provider/throttling";
import { serviceNames } from "../../src/services/registry";
import { VirtualClock } from "../virtual-clock";

const initFailure = z.object({
    id: z.string().min(1),
    properties: z.record(z.string(), z.unknown()),
    reasons: z.array(z.string()).min(1),
});

type Properties = Record<string, unknown>;

/** An emulated VIAS and a stack over it: hooks, cloud client and emulator in one process, in virtual time. */
export class VideoTenant {
    readonly clock = new VirtualClock({ rounds: 5 });
    readonly emulator = createEmulator({
        clock: this.clock,
        random: seededRandom(1),
        sleep: (ms) => this.clock.sleep(ms),
    });
    readonly control = this.emulator.control;
    readonly lines: string[] = [];
    readonly notes: string[] = [];
    /** The engine's Cancel of the operation under way. */
    cancellation = new AbortController();
    env: Record<string, string> = {};
    /** Where the processes to come write their reports. */
    reports: string | undefined;
    private lifecycle: Lifecycle;

    constructor() {
        this.lifecycle = this.newProcess();
    }

    /** The provider process of the next operation. */
    newProcess(transport: Transport = this.transport) {
        const { clock, lines, notes } = this;
        this.cancellation = new AbortController();
        const cancelled = this.cancellation.signal;
        const env = {
            HW_ACCESS_KEY: "emulator",
            HW_SECRET_KEY: "emulator",
            HW_REGION_NAME: "cn-north-4",
            HUAWEICLOUD_BATCH_ENDPOINT: "http://127.0.0.1:1",
            ...this.env,
        };
        const random = seededRandom(2);
        const readFile = () => Promise.reject(Object.assign(new Error("none"), { code: "ENOENT" }));
        const throttling = new Throttling();
        const cloud = createCloud({
            clock,
            random,
            transport,
            env,
            readFile,
            homeDir: "/nobody",
            services: serviceNames,
            version: "0.0.0",
            cancelled,
            onThrottled: ({ name }) => throttling.throttled(name),
        });
        const context = {
            clock,
            random,
            env: { HUAWEICLOUD_BATCH_TIMEOUT: this.env.HUAWEICLOUD_BATCH_TIMEOUT },
            progress: {
                line: (_urn: string, say: () => string) => void lines.push(say()),
                note: (_urn: string, _severity: string, text: string) => void notes.push(text),
                end: async () => {},
            },
            cancelled,
            report:
                this.reports === undefined
                    ? undefined
                    : new ReportFile({ directory: this.reports, clock, version: "0.0.0" }),
            throttling,
            guardLists: async () => noGuardLists,
            sessions: new Sessions(clock, random, cancelled),
            ownership: new Ownership(clock),
            connect: (request: Parameters<typeof cloud.connect>[0], signal: AbortSignal) =>
                cloud.connect(request, {}, signal),
            newId: () => "0001",
        };
        const lifecycle = createLifecycle(withoutEngine, (resource) => hooksOf(resource, context));
        this.lifecycle = lifecycle;
        return lifecycle;
    }

    /** Ends the timer of a hook's deadline: a hook that never ends would keep it. */
    async endTimers(): Promise<void> {
        await this.clock.run(() => this.clock.sleep(2 * 3_600_000));
    }

    readonly transport: Transport = {
        send: async ({ method, url, headers, body, signal }) => {
            await this.clock.sleep(20);
            if (signal.aborted) {
                throw new TransportFailure("perhaps", "Aborted", "given up");
            }
            const init = { method, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
            try {
                const answer = await this.emulator.fetch(new Request(url, init));
                return {
                    status: answer.status,
                    headers: Object.fromEntries(answer.headers),
                    body: await answer.text(),
                };
            } catch (error) {
                if (error instanceof EmulatedNetworkFault) {
                    throw new TransportFailure("perhaps", "ConnectionReset", "read ECONNRESET");
                }
                throw error;
            }
        },
    };

    async check(properties: Properties): Promise<Properties> {
        const { inputs, failures } = await this.lifecycle.check({}, properties);
        expect(failures).toEqual([]);
        return inputs;
    }

    async create(properties: Properties) {
        const inputs = await this.check(properties);
        return this.kept(inputs, () => this.lifecycle.create(inputs));
    }

    diff(olds: Properties, news: Properties) {
        return this.lifecycle.diff("", olds, news);
    }

    /** Like the engine: diff, then update if diff reports changes or the last operation failed partially. */
    async up(stack: Kept, properties: Properties): Promise<Kept> {
        const { id, outs, reasons } = stack;
        const news = await this.check(properties);
        const { changes, replaces } = await this.lifecycle.diff(id, outs, news);
        expect(replaces).toEqual([]);
        if (!changes && reasons === undefined) {
            return stack;
        }
        return this.kept(news, async () => ({ id, ...(await this.lifecycle.update(id, outs, news)) }));
    }

    async refresh({ id, outs }: Kept): Promise<Kept> {
        const { id: found, props } = await this.clock.run(this.lifecycle.read(id, outs));
        return { id: found, outs: props, reasons: undefined };
    }

    /** Begins another operation. */
    destroy(stack: Kept): Promise<void> {
        this.newProcess();
        return this.deleteInSameOperation(stack);
    }

    /** Deletes like an `up` that dropped or replaced the resource. */
    deleteInSameOperation({ id, outs }: Kept): Promise<void> {
        return this.clock.run(this.lifecycle.remove(id, outs));
    }

    /** Returns success, or a partial failure with its reasons. Throws any other failure. */
    private async kept(inputs: Properties, hook: () => Promise<{ id: string; outs: Properties }>): Promise<Kept> {
        try {
            const { id, outs } = await this.clock.run(hook());
            return { id, outs, reasons: undefined };
        } catch (error) {
            const left = initFailure.safeParse(error);
            if (!left.success) {
                throw error;
            }
            const { id, properties, reasons } = left.data;
            expect(properties.__provider).toBe(inputs.__provider);
            return { id, outs: properties, reasons };
        }
    }

    // --- what is in the cloud ------------------------------------------------------------------------------------

    async children(): Promise<Properties[]> {
        return (await this.control.objects("vias", "tasks")).map(({ object }) => object);
    }

    async states(): Promise<unknown[]> {
        return (await this.children()).map(({ state }) => state);
    }

    async batches(): Promise<Properties[]> {
        return (await this.control.objects("vias", "batchTasks")).map(({ object }) => object);
    }

    /** The changing requests, in order. */
    async sent(): Promise<string[]> {
        return (await this.control.requests())
            .filter(({ method }) => method !== "GET")
            .map(({ operation, path }) =>
                operation === "BatchStartStopTask" ? (path.split("/").at(-1) ?? "") : String(operation),
            );
    }

    /** A change by another caller. */
    async change(kind: "tasks" | "batchTasks", id: unknown, changes: Properties): Promise<void> {
        await this.control.change({ service: "vias", kind, id: String(id), changes });
    }

    async faults(...faults: NonNullable<Seed["faults"]>): Promise<void> {
        await this.control.seed({ faults });
    }

    async outcomes(...outcomes: NonNullable<Seed["outcomes"]>): Promise<void> {
        await this.control.seed({ outcomes });
    }

    /** Sets how long the cloud's processes take from now on. Seconds. */
    async durations(seconds: Readonly<Record<string, number>>): Promise<void> {
        const vias = Object.fromEntries(
            Object.entries(seconds).map(([name, take]) => [name, { kind: "fixed" as const, ms: take * 1_000 }]),
        );
        await this.control.seed({ durations: { vias } });
    }

    async settings(vias: Record<string, unknown>): Promise<void> {
        await this.control.seed({ settings: { vias } });
    }
}

/** What a stack holds after an operation; `reasons` after a partial failure. */
export interface Kept {
    readonly id: string;
    readonly outs: Properties;
    readonly reasons: string[] | undefined;
}
