import { HOME_PROJECT_ID, seededRandom } from "../emulator/src";
import { durationDraw } from "../emulator/src/world/duration";
import { EngineModel, type Program } from "../test/world/engine-model";
import { TestWorld } from "../test/world/world";
import type { Bound, Measured } from "./measured";
import type { BenchService } from "./services";

/** How long the cloud's work takes. Seconds. */
export interface Work {
    readonly distribution: "fixed" | "uniform" | "log-normal";
    /** Uniform: from half of it to one and a half. Log-normal: the median, with σ = 1. */
    readonly seconds: number;
}

export interface Scenario {
    readonly service: BenchService;
    readonly targets: number;
    readonly work: Work;
    /** Resources that share the targets evenly. */
    readonly resources: number;
    /** Other things of the same kind. */
    readonly others: number;
    /** Requests a second over all APIs of the service, found out by 429 without Retry-After. Undefined: the gateway's 200 for each API. */
    readonly hiddenLimit: number | undefined;
}

/** As documented: 200 requests a second for each API. */
const GATEWAY_LIMIT = 200;
/** Of every request, half of it each way. Milliseconds. */
const ROUND_TRIP = 50;

export async function furnished(scenario: Scenario, seed: number): Promise<TestWorld> {
    const { service, targets, others, hiddenLimit } = scenario;
    const world = new TestWorld({
        seed,
        network: {
            latency: { least: ROUND_TRIP / 2, most: ROUND_TRIP / 2 },
            connections: 64,
            withoutAnswers: true,
        },
    });
    const durations = {
        ...Object.fromEntries(service.atOnce.map((name) => [name, { kind: "fixed" as const, ms: 0 }])),
        ...(service.duration === undefined ? {} : { [service.duration]: durationOf(scenario.work, seed) }),
    };
    await world.emulator.control.seed({
        ...(Object.keys(durations).length === 0 ? {} : { durations: { [service.name]: durations } }),
        objects: [
            {
                service: service.name,
                kind: service.kind,
                objects: Array.from({ length: targets }, (_, n) => service.seed(service.id(n))),
            },
            ...(others === 0
                ? []
                : [
                      {
                          service: service.name,
                          kind: service.kind,
                          objects: Array.from({ length: others }, (_, n) => service.seed(service.id(1_000_000 + n))),
                      },
                  ]),
        ],
        ...(hiddenLimit === undefined
            ? {}
            : { throttles: [{ service: service.name, per: "user", limit: hiddenLimit, windowSeconds: 1 }] }),
    });
    return world;
}

export function idsOf({ service, targets }: Scenario): readonly string[] {
    return Array.from({ length: targets }, (_, n) => service.id(n));
}

function durationOf({ distribution, seconds }: Work, seed: number) {
    const ms = seconds * 1000;
    switch (distribution) {
        case "fixed":
            return { kind: "fixed", ms } as const;
        case "uniform":
            return { kind: "uniform", minMs: 0.5 * ms, maxMs: 1.5 * ms, seed } as const;
        case "log-normal":
            return { kind: "log-normal", medianMs: ms, sigma: 1, seed } as const;
    }
}

function programOf(scenario: Scenario): Program {
    const { service, resources } = scenario;
    const ids = idsOf(scenario);
    const share = Math.ceil(ids.length / resources);
    return Object.fromEntries(
        Array.from({ length: resources }, (_, n) => [
            `resource-${n}`,
            {
                __resource: service.resource,
                ...service.properties,
                [service.input]: ids.slice(n * share, (n + 1) * share),
                when: "create",
                timeout: "48h",
                maxItems: ids.length,
            },
        ]),
    );
}

/** One operation of ours, to its end. */
export async function operated(scenario: Scenario, seed: number): Promise<{ world: TestWorld; wall: number }> {
    const world = await furnished(scenario, seed);
    // The project is given, as programs in one project do: looking it up takes one request to IAM in each process.
    world.env = { HW_PROJECT_ID: HOME_PROJECT_ID };
    const engine = new EngineModel(world.clock, world.startProcess, scenario.resources);
    const began = world.clock.now();
    const operation = await world.run(() => engine.up(programOf(scenario)));
    const wall = world.clock.now() - began;
    if (operation.is !== "succeeded") {
        throw new Error(`ours failed: ${JSON.stringify(operation.hooks.map(({ result }) => result)).slice(0, 500)}`);
    }
    const left = await world.emulator.control.objects(scenario.service.name, scenario.service.kind);
    const declared = new Set(idsOf(scenario));
    const { idOf, ended } = scenario.service;
    const still = left.filter(({ object }) => declared.has(idOf(object)) && !ended(object));
    if (still.length > 0) {
        throw new Error(`ours says that all are gone, and ${still.length} are there`);
    }
    return { world, wall };
}

/** The real lifecycle, batch engine, service and cloud client against the emulator, in virtual time. */
export async function ours(scenario: Scenario, seed: number): Promise<Measured> {
    const { world, wall } = await operated(scenario, seed);
    return measured(world, scenario, wall);
}

/** What the emulator's audit log says, once everything declared is gone and nothing else is. */
export async function measured(world: TestWorld, scenario: Scenario, wall: number): Promise<Measured> {
    const { service } = scenario;
    const auditLog = await world.emulator.control.auditLog();
    const count = { requests: 0, submits: 0, looks: 0, inspections: 0, throttled: 0 };
    for (const [operation, statuses] of Object.entries(auditLog.requests[service.name] ?? {})) {
        for (const [status, times] of Object.entries(statuses)) {
            count.requests += times;
            if (status === "429") {
                count.throttled += times;
            } else if (service.submitOperations.includes(operation)) {
                count.submits += times;
            } else if (service.lookOperations.includes(operation)) {
                count.looks += times;
            } else {
                count.inspections += times;
            }
        }
    }
    return { wall, ...count };
}

/** The mandatory round trips, the jobs' own durations, and the throttle. */
export function bound(scenario: Scenario, seed: number): Bound {
    const { service, targets, others, hiddenLimit } = scenario;
    const submits = Math.ceil(targets / service.perRequest);
    const inspections = inspectionsOf(service, targets, others);
    const lastLook = service.lastLook(targets);
    const draw = durationDraw(durationOf(scenario.work, seed), seededRandom(seed));
    const work =
        service.work === "none" ? [0] : Array.from({ length: service.work === "job" ? submits : targets }, draw);
    const inLine = service.work === "job";
    const longest = inLine
        ? work.reduce((sum, ms) => sum + ms, 0) + (submits - 1) * 2 * ROUND_TRIP
        : work.reduce((most, ms) => Math.max(most, ms), 0);
    const looks = inLine ? submits : lastLook;
    const requests = inspections + submits + looks;
    // A window of one second lets its whole content through at its beginning.
    const throttle =
        hiddenLimit === undefined
            ? (Math.ceil(inspections / GATEWAY_LIMIT) - 1 + (inLine ? 0 : Math.ceil(submits / GATEWAY_LIMIT) - 1)) *
              1000
            : (Math.ceil(requests / hiddenLimit) - 1) * 1000;
    const wall = 3 * ROUND_TRIP + longest + throttle;
    const how = [
        `${inspections} to inspect`,
        `${submits} to submit`,
        `${looks} to see the end`,
        `3 round trips of ${ROUND_TRIP} ms`,
        ...(inLine
            ? [`${submits} jobs one after the other`]
            : service.work === "none"
              ? []
              : ["the longest of the work"]),
        ...(throttle > 0 ? [`${throttle / 1000} s for the throttle`] : []),
    ].join(", ");
    return { wall, requests, submits, how };
}

function inspectionsOf(service: BenchService, targets: number, others: number): number {
    const takesIds = service.name === "clouddc" || service.name === "metastudio";
    const pages = Math.ceil((takesIds ? targets : targets + others) / service.perInspection);
    return service.name === "vias" || takesIds ? pages : Math.min(targets, pages);
}
