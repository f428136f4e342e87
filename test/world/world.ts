import { createEmulator, type Emulator, seededRandom } from "../../emulator/src";
import type { BatchApi } from "../../src/batch/api";
import { createCloud } from "../../src/cloud/cloud";
import type { Transport } from "../../src/cloud/http/transport";
import type { ProcessContext } from "../../src/provider/context";
import { withoutEngine } from "../../src/provider/engine-watch";
import { readGuardLists } from "../../src/provider/guards/guard-lists";
import { createLifecycle } from "../../src/provider/lifecycle";
import { Ownership } from "../../src/provider/ownership/ownership";
import { ReportFile } from "../../src/provider/report/record/report-file";
import { hooksOf } from "../../src/provider/resource-hooks";
import { Throttling } from "../../src/provider/throttling";
import type { TargetSetDefinition } from "../../src/services/definition";
import { type Services, serviceNames, services } from "../../src/services/registry";
import { neverCancelled } from "../../src/util/cancellation";
import type { Random } from "../../src/util/clock";
import { lazy } from "../../src/util/lazy";
import { VirtualClock } from "../virtual-clock";
import type { ProviderProcess } from "./engine-model";
import { MortalClock, ProcessLife } from "./life";
import { type NetworkSettings, SimulatedNetwork } from "./network";
import { ObservedSessions, type Seams } from "./sessions";

export const START = Date.UTC(2026, 0, 1);
export const REGION = "cn-north-4";

export interface WorldOptions {
    readonly seed: number;
    readonly network?: NetworkSettings;
    readonly identity?: "key" | "password";
    /** A fault built into the processes on purpose: the tests have to find it. */
    readonly mutant?: Mutant;
    /** Wraps each batch API, below any mutant, so that it shows which calls are really made. */
    readonly observe?: Observe;
    /** Where the processes write their reports, and how: see ReportFile. */
    readonly reports?: string;
    readonly writeReport?: (file: number, bytes: Uint8Array) => number;
    /** What the processes can read. */
    readonly files?: Readonly<Record<string, string>>;
}

export interface Seen {
    readonly resource: string;
    readonly variant: string;
    readonly process: number;
}
export type Observe = (api: BatchApi, seen: Seen) => BatchApi;

/** What a mutant changes, from outside. */
export interface Mutant {
    readonly name: string;
    readonly api?: (api: BatchApi) => BatchApi;
    readonly session?: (session: ReturnType<ObservedSessions["of"]>) => void;
    readonly transport?: (transport: Transport) => Transport;
    readonly definition?: (definition: TargetSetDefinition, process: number) => TargetSetDefinition;
    /** No cancellation reaches the processes. */
    readonly isDeaf?: true;
    /** Reads no list of a guard. */
    readonly isUnguarded?: true;
}

const IDENTITIES = {
    key: { HW_ACCESS_KEY: "emulator", HW_SECRET_KEY: "emulator" },
    password: { OS_USERNAME: "emulator", OS_PASSWORD: "emulator", OS_USER_DOMAIN_NAME: "emulator" },
};

/** One emulated cloud, one network, one clock, and the provider processes of one stack: all in this process, in virtual time. */
export class TestWorld {
    readonly clock = new VirtualClock({ start: START, rounds: 3 });
    readonly emulator: Emulator;
    readonly network: SimulatedNetwork;
    readonly random: Random;
    readonly notes: string[] = [];
    readonly processes: Array<{ readonly life: ProcessLife; readonly sessions: ObservedSessions }> = [];
    /** Of the processes to come. */
    env: Readonly<Record<string, string>> = {};
    /** Stack configuration, of which the world passes on what concerns guards. */
    configuration: Readonly<Record<string, string>> = {};
    /** By their paths. */
    files: Readonly<Record<string, string>>;
    /** The next process dies at this await. */
    killNextAt = Number.POSITIVE_INFINITY;
    /** The next process is cancelled right after this await. */
    cancelNextAt = Number.POSITIVE_INFINITY;
    private othersAsleep = 0;
    private ids = 0;

    constructor(private readonly options: WorldOptions) {
        this.random = seededRandom(options.seed);
        this.files = options.files ?? {};
        this.emulator = createEmulator({
            clock: this.clock,
            random: seededRandom(options.seed + 1),
            sleep: (ms) => this.othersSleep(ms),
        });
        const network = options.network ?? { latency: { least: 5, most: 40 }, connections: 64 };
        this.network = new SimulatedNetwork(this.clock, seededRandom(options.seed + 2), this.emulator, network);
    }

    /** Sleeps that are the client's. */
    get sleepers(): number {
        return this.clock.sleepers - this.othersAsleep;
    }

    readonly startProcess = (): ProviderProcess & { readonly context: ProcessContext } => {
        const { mutant, observe, identity = "key" } = this.options;
        const number = this.processes.length + 1;
        const life = new ProcessLife(number, this.killNextAt, this.cancelNextAt, () => this.network.cancelled(number));
        const cancelled = mutant?.isDeaf ? neverCancelled : life.cancellation.signal;
        this.killNextAt = Number.POSITIVE_INFINITY;
        this.cancelNextAt = Number.POSITIVE_INFINITY;
        const clock = new MortalClock(this.clock, life);
        const random = seededRandom(this.options.seed + 1000 * life.number);
        const env = {
            ...IDENTITIES[identity],
            HW_REGION_NAME: REGION,
            HUAWEICLOUD_BATCH_ENDPOINT: "http://127.0.0.1:1",
            ...this.env,
        };
        const readFile = async (path: string) =>
            this.files[path] ?? Promise.reject(Object.assign(new Error("no such file"), { code: "ENOENT" }));
        const wire = this.network.transportOf(life);
        const cloud = createCloud({
            clock,
            random,
            transport: mutant?.transport?.(wire) ?? wire,
            env,
            readFile,
            homeDir: "/home/nobody",
            services: serviceNames,
            version: "0.0.0",
            cancelled,
        });
        const seams: Seams = {
            api: (api, of) => {
                const seen = observe?.(api, { ...of, process: life.number }) ?? api;
                return mutant?.api?.(seen) ?? seen;
            },
            session: (session) => mutant?.session?.(session),
        };
        const sessions = new ObservedSessions(clock, random, seams, cancelled);
        this.processes.push({ life, sessions });
        const context: ProcessContext = {
            clock,
            random,
            env: { HUAWEICLOUD_BATCH_TIMEOUT: this.env.HUAWEICLOUD_BATCH_TIMEOUT },
            progress: {
                line: () => {},
                note: (_urn: string, _severity: string, text: string) => {
                    this.notes.push(text);
                },
                end: async () => {},
            },
            cancelled,
            report:
                this.options.reports === undefined
                    ? undefined
                    : new ReportFile({
                          directory: this.options.reports,
                          clock,
                          version: "0.0.0",
                          ...(this.options.writeReport === undefined ? {} : { write: this.options.writeReport }),
                      }),
            sessions,
            throttling: new Throttling(),
            guardLists: lazy(() =>
                readGuardLists({
                    env: mutant?.isUnguarded ? {} : this.env,
                    configuration: this.configuration,
                    configurationAge: "current",
                    absolutePath: (path) => path,
                    readFile: async (path) => new TextEncoder().encode(await readFile(path)),
                }),
            ),
            ownership: new Ownership(clock),
            connect: (request: Parameters<typeof cloud.connect>[0], signal: AbortSignal) =>
                cloud.connect(request, {}, signal),
            newId: () => {
                this.ids += 1;
                return String(this.ids).padStart(16, "0");
            },
        };
        const known = this.servicesOf(number);
        const lifecycle = createLifecycle(withoutEngine, (resource) => hooksOf(resource, context, known));
        return { life, context, lifecycle };
    };

    private servicesOf(process: number): Services {
        const { definition } = this.options.mutant ?? {};
        if (definition === undefined) {
            return services;
        }
        return Object.fromEntries(
            Object.entries(services).map(([name, load]) => {
                const definitions = load().definitions.map((each) => definition(each, process));
                return [name, () => ({ definitions })];
            }),
        );
    }

    /** Moves time on until `work` has ended. */
    run<T>(work: () => Promise<T>): Promise<T> {
        return this.clock.run(work);
    }

    /** A sleep that is not the client's. */
    async othersSleep(ms: number, signal?: AbortSignal): Promise<void> {
        this.othersAsleep += 1;
        try {
            await this.clock.sleep(ms, signal);
        } finally {
            this.othersAsleep -= 1;
        }
    }

    /** Reads the emulator's objects, or changes them, while time stands still. */
    async still<T>(work: () => Promise<T>): Promise<T> {
        const release = this.clock.hold();
        try {
            return await work();
        } finally {
            release();
        }
    }
}
