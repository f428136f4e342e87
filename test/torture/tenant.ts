import { z } from "zod";
import type { EmulatorAuditLog } from "../../emulator/src";
import type { Program } from "../world/engine-model";
import type { TestWorld } from "../world/world";
import { armed, reportsFalsely } from "./faults";
import { type Declared, type Meddling, NAME_CLASSES, type Part, type Rule, type Schedule } from "./schedule";
import { type Condition, serviceNamed, services, type TargetKind, type TortureService } from "./services";

/** After so long no fault of a schedule has consequences any more: longer than any deletion of a schedule. */
const LONG_ENOUGH = 20 * 60_000;

/** The things of one schedule in the emulated cloud, and everything that is done to them but by the product. */
export class Tenant {
    readonly faultKinds: string[] = [];
    readonly counted: Record<string, number> = {};
    /** Services, as the emulator names them, where a lie can hide a deletion. */
    private readonly hiding = new Set<string>();
    /** The same for the lists that a rule is looked up in. */
    private readonly hidingFromLists = new Set<string>();
    /** What somebody else has done so far, by id. */
    private readonly doneByOthers = new Map<string, Set<Meddling["what"]>>();
    private readonly timesMeddledWith = new Map<string, number>();
    /** When somebody else last put a thing there, by service and id. */
    private readonly madeAt = new Map<string, number>();
    private bystanders = new Map<string, ReadonlySet<string>>();

    constructor(
        private readonly world: TestWorld,
        private readonly schedule: Schedule,
    ) {}

    /** The product's name for a target. */
    keyOf(part: number, target: number): string {
        return this.kindOf(part, target).prefix + this.idOf(part, target);
    }

    private idOf(part: number, target: number): string {
        return this.service(part).id(part * 1000 + target);
    }

    /** By which rules choose. The pools of two parts have different names. */
    private nameOf(part: number, target: number): string {
        return `${poolName(part)}-${NAME_CLASSES[target % NAME_CLASSES.length]}-${target}`;
    }

    private kindOf(part: number, target: number): TargetKind {
        const { kinds } = this.service(part);
        return kinds[target % kinds.length] ?? kinds[0];
    }

    program(change: (declared: Declared) => object = () => ({})): Program {
        const program: Record<string, Record<string, unknown>> = {};
        this.schedule.parts.forEach((part, index) => {
            const service = this.service(index);
            part.resources.forEach((declared, number) => {
                const { when, timeout, stallTimeout, allowedFailures, targets, rule } = declared;
                program[`${service.name}-${index}-${number}`] = {
                    __resource: service.resource,
                    ...service.properties,
                    ...(rule === null ? this.idsOf(index, targets) : ruleOf(index, service, rule)),
                    when,
                    timeout,
                    allowedFailures,
                    // That none of them is there at the beginning is an error by default: schedules begin like that on purpose.
                    ...(when === "destroy" ? { onMissing: "ignore" } : {}),
                    ...(stallTimeout === null ? {} : { stallTimeout }),
                    ...change(declared),
                };
            });
        });
        return program;
    }

    private idsOf(part: number, targets: readonly number[]): Record<string, unknown> {
        return Object.fromEntries(
            this.service(part).kinds.map((kind) => [
                kind.input,
                targets.filter((target) => this.kindOf(part, target) === kind).map((target) => this.idOf(part, target)),
            ]),
        );
    }

    /** The service of a resource, and the keys of its targets: all that are declared, or that its rule may ever match. */
    targetsOf(properties: Readonly<Record<string, unknown>>): {
        readonly service: TortureService;
        readonly targets: readonly string[];
        readonly byRule: boolean;
    } {
        const service = serviceOfInputs(properties);
        if (properties.matching === undefined) {
            const targets = service.kinds.flatMap(({ input, prefix }) =>
                z
                    .array(z.string())
                    .parse(properties[input])
                    .map((id) => prefix + id),
            );
            return { service, targets, byRule: false };
        }
        const [names = ""] = /pool-[^"]*/.exec(JSON.stringify(properties.matching)) ?? [];
        const glob = new RegExp(`^${names.replaceAll("*", ".*")}$`);
        const targets = this.schedule.parts.flatMap((part, index) =>
            part.service === service.name
                ? part.pool.flatMap((_, target) =>
                      glob.test(this.nameOf(index, target)) && this.isListed(index, target)
                          ? [this.keyOf(index, target)]
                          : [],
                  )
                : [],
        );
        return { service, targets, byRule: true };
    }

    /** What no list shows matches no rule. */
    private isListed(part: number, target: number): boolean {
        const { unlisted } = this.kindOf(part, target);
        return unlisted === undefined || this.schedule.parts[part]?.unlisted.includes(target) !== true;
    }

    /** What an answer to a look must have shown of a target that only a rule declares: its name. */
    nameOfKey(service: TortureService, key: string): string | undefined {
        for (const [index, { pool, service: name }] of this.schedule.parts.entries()) {
            const target = name === service.name ? pool.findIndex((_, n) => this.keyOf(index, n) === key) : -1;
            if (target >= 0) {
                return this.nameOf(index, target);
            }
        }
        return undefined;
    }

    /** Files of the guards, by the variable that names each, and what they forbid to send, by the emulator's service and the id. */
    guards(): {
        readonly files: Readonly<Record<string, string>>;
        readonly forbids: ReadonlySet<string>;
        /** Of these, what the keep list has: a rule leaves it out. */
        readonly keeps: ReadonlySet<string>;
    } {
        const { guards } = this.schedule;
        if (guards === undefined || guards === null) {
            return { files: {}, forbids: new Set(), keeps: new Set() };
        }
        const { keptIds, keptClass, approved } = guards;
        const all = this.schedule.parts.flatMap((part, index) =>
            part.pool.map((_, target) => ({ index, target, id: this.idOf(index, target) })),
        );
        const isKept = ({ index, target }: (typeof all)[number]) =>
            keptIds.includes(target) ||
            (keptClass !== null && this.nameOf(index, target).startsWith(`${poolName(index)}-${keptClass}-`));
        const named = (things: typeof all) =>
            new Set(things.map(({ index, id }) => `${this.service(index).service} ${id}`));
        const keep = [
            ...all.filter(({ target }) => keptIds.includes(target)).map(({ id }) => id),
            ...(keptClass === null ? [] : [`pool-*-${keptClass}-*`]),
        ];
        return {
            files: {
                ...(keep.length === 0 ? {} : { HUAWEICLOUD_BATCH_KEEP: keep.join("\n") }),
                ...(approved === null
                    ? {}
                    : {
                          HUAWEICLOUD_BATCH_APPROVED: all
                              .filter(({ target }) => approved.includes(target))
                              .map(({ id }) => id)
                              .join("\n"),
                      }),
            },
            forbids: named(
                all.filter((each) => isKept(each) || (approved !== null && !approved.includes(each.target))),
            ),
            keeps: named(all.filter(isKept)),
        };
    }

    /** Whether a lie of the schedule may leave things out of the lists of a service. */
    mayHide({ service }: TortureService): boolean {
        return this.hidingFromLists.has(service);
    }

    /** Whether it was not there at first, and somebody else has put it there once: it appeared. */
    hasAppeared(service: TortureService, key: string): boolean {
        return this.schedule.parts.some(
            ({ pool, service: name }, part) =>
                name === service.name &&
                pool.some(
                    (condition, target) =>
                        condition === null &&
                        this.keyOf(part, target) === key &&
                        this.timesMeddledWith.get(this.idOf(part, target)) === 1,
                ),
        );
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
        const row = this.service(index);
        const { service, process } = row;
        const falseReports = this.schedule.parts.some(
            (other, at) => this.service(at).service === service && reportsFalsely(other, this.service(at)),
        );
        const faults = armed(part, row, falseReports);
        this.faultKinds.push(...faults.map((fault) => fault.kind));
        if (faults.some(({ hidesDeletion }) => hidesDeletion)) {
            this.hiding.add(service);
        }
        if (faults.some(({ kind }) => /page skips|page repeats|page without/.test(kind))) {
            this.hidingFromLists.add(service);
        }
        const { least, most } = part.duration;
        const { throttle } = part;
        await control.seed({
            settings: {
                [service]: row.settings[part.settings % row.settings.length] ?? {},
                ...(throttle?.retryAfter ? { gateway: { retryAfterSeconds: throttle.windowSeconds } } : {}),
            },
            ...(row.duration === undefined
                ? {}
                : { durations: { [service]: { [row.duration]: { kind: "uniform", minMs: least, maxMs: most } } } }),
            faults: faults.map(({ input }) => input),
            outcomes: part.spoilt.map(({ how, times }) => ({ service, process, outcome: how, times })),
            ...(throttle === null
                ? {}
                : {
                      throttles: [
                          { service, per: "user", limit: throttle.limit, windowSeconds: throttle.windowSeconds },
                      ],
                  }),
        });
        const objects = part.pool.flatMap((condition, target) =>
            condition === null ? [] : [this.seedOf(index, target, condition)],
        );
        await control.seed({ objects });
        if (part.bystanders > 0) {
            const [others = []] = await control.seed({
                objects: [{ service, kind: row.kinds[0].kind, count: part.bystanders }],
            });
            this.bystanders.set(row.name, new Set([...(this.bystanders.get(row.name) ?? []), ...others]));
        }
        this.count("things in no list", part.pool.filter((c, n) => c !== null && part.unlisted.includes(n)).length);
        for (const { how, times } of part.spoilt) {
            this.count(`spoilt process: ${how}`, times);
        }
    }

    /** What somebody else does, until the signal aborts. */
    async meddle(signal: AbortSignal): Promise<void> {
        const doings = this.schedule.parts.flatMap((part, index) =>
            part.meddling.map((doing) => ({ ...doing, index })),
        );
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
        this.count(`somebody else: ${what}`, 1);
        const id = this.idOf(part, target);
        this.timesMeddledWith.set(id, (this.timesMeddledWith.get(id) ?? 0) + 1);
        this.doneByOthers.set(id, (this.doneByOthers.get(id) ?? new Set()).add(what));
        if (what === "remove") {
            await this.remove(part, target);
        } else {
            this.madeAt.set(`${this.service(part).name} ${this.keyOf(part, target)}`, this.world.clock.now());
            await this.make(part, target, what);
        }
    }

    private async remove(part: number, target: number): Promise<void> {
        const { service } = this.service(part);
        const { kind } = this.kindOf(part, target);
        await this.world.emulator.control.remove({ service, kind, id: this.idOf(part, target) });
    }

    private async make(part: number, target: number, condition: Condition): Promise<void> {
        await this.world.emulator.control.seed({ objects: [this.seedOf(part, target, condition)] });
    }

    private seedOf(part: number, target: number, condition: Condition) {
        const { service, seeds } = this.service(part);
        const { kind, idField, nameField, unlisted } = this.kindOf(part, target);
        const isUnlisted = this.schedule.parts[part]?.unlisted.includes(target) === true;
        const narrowed = isUnlisted && unlisted !== undefined ? unlisted : {};
        const seed = {
            ...(seeds[condition] ?? seeds.idle),
            ...narrowed,
            [idField]: this.idOf(part, target),
            [nameField]: this.nameOf(part, target),
        };
        return { service, kind, objects: [seed] };
    }

    /** The faults end: what is under way gets the time to end, and what is stuck is freed. */
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
            for (const [index, part] of this.schedule.parts.entries()) {
                await this.free(index, part);
            }
        });
    }

    private async free(index: number, part: Part): Promise<void> {
        const { control } = this.world.emulator;
        const row = this.service(index);
        const { service, jobs } = row;
        for (const { object } of jobs === undefined ? [] : await control.objects(service, jobs.kind)) {
            if (jobs?.running(object)) {
                await control.remove({ service, kind: jobs.kind, id: String(object.id) });
            }
        }
        const stuck = await this.keysOf(row, row.deleting);
        for (const target of part.pool.keys()) {
            if (stuck.has(this.keyOf(index, target))) {
                await (this.schedule.seed % 2 === 0 ? this.make(index, target, "idle") : this.remove(index, target));
            }
        }
    }

    /** The emulator does what is due when a request comes: this is a request that does nothing. */
    private async touch(): Promise<void> {
        await this.world.emulator.fetch(new Request("http://127.0.0.1:1/v3/nothing"));
    }

    auditLog(): Promise<EmulatorAuditLog> {
        return this.world.still(() => this.world.emulator.control.auditLog());
    }

    /** Targets and bystanders that are not settled. */
    async there(row: TortureService): Promise<ReadonlySet<string>> {
        return this.world.still(() => this.keysOf(row, (object) => !row.ended(object)));
    }

    private async keysOf(
        row: TortureService,
        wanted: (object: Readonly<Record<string, unknown>>) => boolean,
    ): Promise<Set<string>> {
        const keys = new Set<string>();
        for (const { kind, prefix, idField } of row.kinds) {
            for (const { object } of await this.world.emulator.control.objects(row.service, kind)) {
                if (wanted(object)) {
                    keys.add(prefix + String(object[idField]));
                }
            }
        }
        return keys;
    }

    /**
     * Ids that were submitted while an inspection could show them in deletion. Excused: what lies hide, what a service never shows, and what
     * somebody else began to delete, which may be between an inspection and the submit.
     */
    async submittedInDeletion(): Promise<readonly string[]> {
        const shows = new Set(
            this.schedule.parts
                .map(({ service }) => serviceNamed(service))
                .filter((row) => row.showsDeletion && !this.hiding.has(row.service))
                .map(({ service }) => service),
        );
        const { doubleSubmissions } = await this.auditLog();
        return doubleSubmissions
            .filter(({ service, id }) => shows.has(service) && !this.doneByOthers.get(id)?.has("deleting"))
            .map(({ id }) => id);
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
            const row = serviceNamed(name);
            const there = await this.there(row);
            lost.push(...[...ids].filter((id) => !there.has(row.kinds[0].prefix + id)));
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

function poolName(part: number): string {
    return `pool-${part}`;
}

function ruleOf(part: number, { kinds }: TortureService, { names, maxItems }: Rule): Record<string, unknown> {
    const criteria = { names: [names === "all" ? `${poolName(part)}-*` : `${poolName(part)}-${names}-*`] };
    const groups = kinds.flatMap(({ group }) => (group === undefined ? [] : [[group, criteria] as const]));
    return { matching: groups.length === 0 ? criteria : Object.fromEntries(groups), maxItems };
}

/** The row that a resource belongs to. */
function serviceOfInputs(properties: Readonly<Record<string, unknown>>): TortureService {
    const service = services.find(
        (row) =>
            row.resource === properties.__resource &&
            Object.entries(row.properties).every(([input, value]) => properties[input] === value),
    );
    if (service === undefined) {
        throw new Error(`no service of ${String(properties.__resource)}`);
    }
    return service;
}
