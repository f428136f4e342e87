import type { EmulatorBooks } from "../../src/emulator";
import type { Program } from "../world/engine-model";
import type { TestWorld } from "../world/world";
import { armed } from "./faults";
import type { Declared, Meddling, Part, Schedule } from "./schedule";
import { serviceNamed, type TortureService } from "./services";

/** Time that a schedule's faults may take to be forgotten by the cloud: longer than any deletion of a schedule. */
const LONG_ENOUGH = 20 * 60_000;

/** The things of one schedule in the emulated cloud, and everything that is done to them but by the product. */
export class Tenant {
    readonly faultKinds: string[] = [];
    readonly counted: Record<string, number> = {};
    deletionsHidden = false;
    /** When somebody else last put a thing there, by service and id. */
    private readonly madeAt = new Map<string, number>();
    private bystanders = new Map<string, ReadonlySet<string>>();

    constructor(
        private readonly world: TestWorld,
        private readonly schedule: Schedule,
    ) {}

    idOf(part: number, target: number): string {
        return this.service(part).id(part * 1000 + target);
    }

    program(change: (declared: Declared) => object = () => ({})): Program {
        const program: Record<string, Record<string, unknown>> = {};
        this.schedule.parts.forEach((part, index) => {
            const service = this.service(index);
            part.resources.forEach((declared, number) => {
                const { when, timeout, stallTimeout, allowedFailures, targets } = declared;
                program[`${service.name}-${index}-${number}`] = {
                    __resource: service.resource,
                    ...service.properties,
                    [service.input]: targets.map((target) => this.idOf(index, target)),
                    when,
                    timeout,
                    allowedFailures,
                    ...(stallTimeout === null ? {} : { stallTimeout }),
                    ...change(declared),
                };
            });
        });
        return program;
    }

    async furnish(): Promise<void> {
        const { control } = this.world.emulator;
        const { schedule } = this;
        await control.seed({
            settings: {
                iam: { tokenLifeSeconds: schedule.tokenLife },
                gateway: { clockSkewSeconds: schedule.clockSkewSeconds },
            },
        });
        for (const [index, part] of schedule.parts.entries()) {
            await this.furnishPart(part, index);
        }
    }

    private async furnishPart(part: Part, index: number): Promise<void> {
        const { control } = this.world.emulator;
        const service = this.service(index);
        const { name, kind } = service;
        const faults = armed(part, service);
        this.faultKinds.push(...faults.map((fault) => fault.kind));
        this.deletionsHidden ||= faults.some(({ hidesDeletion }) => hidesDeletion);
        const settings = service.settings[part.settings % service.settings.length] ?? {};
        const { least, most } = part.duration;
        await control.seed({
            settings: {
                [name]: settings,
                ...(part.throttle?.retryAfter ? { gateway: { retryAfterSeconds: part.throttle.windowSeconds } } : {}),
            },
            ...(service.duration === undefined
                ? {}
                : { durations: { [name]: { [service.duration]: { kind: "uniform", minMs: least, maxMs: most } } } }),
        });
        const objects = part.pool.flatMap((condition, target) => {
            const seed = condition === null ? undefined : (service.seeds[condition] ?? service.seeds.idle);
            return seed === undefined ? [] : [{ ...seed, id: this.idOf(index, target) }];
        });
        const [, others = []] = await control.seed({
            objects: [
                { service: name, kind, objects },
                ...(part.bystanders === 0
                    ? []
                    : [{ service: name, kind, count: part.bystanders, template: { name: `other-${index}-{n}` } }]),
            ],
            faults: faults.map(({ input }) => input),
            ...(part.throttle === null
                ? {}
                : { throttles: [{ service: name, per: "user", limit: part.throttle.limit, windowSeconds: part.throttle.windowSeconds }] }),
            ...(service.process === undefined
                ? {}
                : { outcomes: part.spoilt.map(({ how, times }) => ({ service: name, process: service.process ?? "", outcome: how, times })) }),
        });
        for (const { how, times } of part.spoilt) {
            this.count(`spoilt job: ${how}`, service.process === undefined ? 0 : times);
        }
        this.bystanders.set(name, new Set([...(this.bystanders.get(name) ?? []), ...others]));
    }

    /** Somebody else's doings, until the signal. */
    async meddle(signal: AbortSignal): Promise<void> {
        const doings = this.schedule.parts.flatMap((part, index) => part.meddling.map((doing) => ({ ...doing, index })));
        const began = this.world.clock.now();
        for (const doing of doings.sort((a, b) => a.after - b.after)) {
            try {
                await this.world.othersSleep(began + doing.after - this.world.clock.now(), signal);
            } catch {
                return;
            }
            await this.world.still(() => this.change(doing.index, doing));
        }
    }

    private async change(part: number, { target, what }: Meddling): Promise<void> {
        const { control } = this.world.emulator;
        const { name: service, kind, seeds } = this.service(part);
        const id = this.idOf(part, target);
        this.count(`somebody else: ${what}`, 1);
        if (what === "remove") {
            await control.remove({ service, kind, id });
            return;
        }
        await this.make(service, kind, id, seeds[what] ?? seeds.idle ?? {});
    }

    private async make(service: string, kind: string, id: string, seed: object): Promise<void> {
        this.madeAt.set(`${service} ${id}`, this.world.clock.now());
        await this.world.emulator.control.seed({ objects: [{ service, kind, objects: [{ ...seed, id }] }] });
    }

    /** The faults end: what is still under way gets the time to end, and what is stuck for ever is freed by the cloud's people. */
    async heal(): Promise<void> {
        const { control } = this.world.emulator;
        await this.world.still(async () => {
            const { faults } = await control.state();
            faults.forEach(({ struck }, index) => {
                this.count(this.faultKinds[index] ?? "fault", struck);
            });
            await control.clearFaults();
            await control.seed({
                settings: { gateway: { clockSkewSeconds: 0 }, iam: { tokenLifeSeconds: 86_400 } },
                throttles: [],
            });
        });
        this.world.network.outages = [];
        await this.world.clock.sleep(LONG_ENOUGH);
        await this.world.still(async () => {
            await this.touch();
            for (const index of this.schedule.parts.keys()) {
                const service = this.service(index);
                for (const { object } of await control.objects(service.name, service.kind)) {
                    if (service.deleting(object)) {
                        const id = String(object.id);
                        await (this.schedule.seed % 2 === 0
                            ? this.make(service.name, service.kind, id, service.seeds.idle ?? {})
                            : control.remove({ service: service.name, kind: service.kind, id }));
                    }
                }
            }
        });
    }

    /** What is due happens when a request comes: this is one that does nothing. */
    private async touch(): Promise<void> {
        await this.world.emulator.fetch(new Request("http://127.0.0.1:1/v3/nothing"));
    }

    books(): Promise<EmulatorBooks> {
        return this.world.still(() => this.world.emulator.control.books());
    }

    /** Ids of a service that are neither gone nor at the action's end. */
    async there(service: TortureService): Promise<ReadonlySet<string>> {
        return this.world.still(async () => {
            const all = await this.world.emulator.control.objects(service.name, service.kind);
            return new Set(all.filter(({ object }) => !service.ended(object)).map(({ object }) => String(object.id)));
        });
    }

    /** Those that are there, and were not put there by somebody else since. */
    async stillThere(service: TortureService, ids: readonly string[], since: number): Promise<readonly string[]> {
        if (ids.length === 0) {
            return [];
        }
        const there = await this.there(service);
        return ids.filter((id) => there.has(id) && (this.madeAt.get(`${service.name} ${id}`) ?? 0) < since);
    }

    /** Undeclared things that are gone. */
    async lostBystanders(): Promise<readonly string[]> {
        const lost: string[] = [];
        for (const [name, ids] of this.bystanders) {
            const there = await this.there(serviceNamed(name));
            lost.push(...[...ids].filter((id) => !there.has(id)));
        }
        return lost;
    }

    private count(kind: string, times: number): void {
        if (times > 0) {
            this.counted[kind] = (this.counted[kind] ?? 0) + times;
        }
    }

    private service(part: number): TortureService {
        return serviceNamed(this.schedule.parts[part]?.service ?? "");
    }
}

