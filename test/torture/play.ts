import { EngineModel, type Operation, type Program } from "../world/engine-model";
import { type Mutant, START, TestWorld } from "../world/world";
import { InvariantMonitor } from "./invariant-monitor";
import { Oracle } from "./oracle";
import type { Schedule } from "./schedule";
import { serviceNamed } from "./services";
import { Tenant } from "./tenant";

/** What happened in one schedule. */
export interface Account {
    readonly requests: number;
    readonly virtualMs: number;
    readonly faults: Readonly<Record<string, number>>;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly broken: readonly string[];
}

/** Plays one schedule from beginning to end, judged by an oracle. */
export async function play(schedule: Schedule, mutant?: Mutant): Promise<Account> {
    const { seed, identity, connections, latency } = schedule;
    let oracle: Oracle | undefined;
    let tenant: Tenant | undefined;
    const monitor = new InvariantMonitor({
        broken: (what) => oracle?.breaks(what),
        stillThere: async (service, keys, since) =>
            (await tenant?.stillThere(serviceNamed(service), keys, since)) ?? [],
        now: () => world.clock.now(),
    });
    const world: TestWorld = new TestWorld({
        seed,
        identity,
        network: { latency: { least: latency / 8, most: latency }, connections },
        observe: monitor.observe,
        ...(mutant === undefined ? {} : { mutant }),
    });
    tenant = new Tenant(world, schedule);
    oracle = new Oracle(world, tenant, () => monitor);
    oracle.identity = identity;
    const run = new Play(schedule, world, tenant, oracle);
    try {
        await world.run(() => run.everything());
    } catch (error) {
        oracle.breaks(
            `the schedule could not be played to its end: ${error instanceof Error ? error.stack : String(error)}`,
        );
    }
    const { ConnectionRefused = 0 } = world.network.failures;
    return {
        requests: world.network.log.length,
        virtualMs: world.clock.now() - START,
        faults: { ...tenant.counted, ...(ConnectionRefused === 0 ? {} : { "connection refused": ConnectionRefused }) },
        outcomes: oracle.outcomes,
        broken: oracle.broken,
    };
}

type Performed = Schedule["operations"][number];

class Play {
    private readonly engine: EngineModel;
    private renames = 0;

    constructor(
        private readonly schedule: Schedule,
        private readonly world: TestWorld,
        private readonly tenant: Tenant,
        private readonly oracle: Oracle,
    ) {
        this.engine = new EngineModel(world.clock, world.startProcess, schedule.parallel, (record) =>
            oracle.hookEnded(record),
        );
    }

    async everything(): Promise<void> {
        await this.world.still(() => this.tenant.furnish());
        const now = this.world.clock.now();
        this.world.network.outages = this.schedule.outages.map(({ after, ms }) => ({
            from: now + after,
            to: now + after + ms,
        }));
        await this.underFire();
        await this.tenant.heal();
        await this.afterwards();
        for (const id of await this.tenant.lostBystanders()) {
            this.oracle.breaks(`${id}, which nobody declared, is gone`);
        }
        const twice = await this.tenant.submittedInDeletion();
        if (twice.length > 0) {
            this.oracle.breaks(`submitted while in deletion: ${twice.join(", ")}`);
        }
    }

    private async underFire(): Promise<void> {
        const over = new AbortController();
        const meddling = this.tenant.meddle(over.signal);
        const { cancellation } = this.schedule;
        this.guard();
        for (const [n, operation] of this.schedule.operations.entries()) {
            if (cancellation?.operation === n) {
                this.world.cancelNextAt = cancellation.afterAwaits;
            }
            await this.perform(operation);
        }
        over.abort("nothing more happens");
        await meddling;
    }

    /** Puts the guards in force for the operations to come. */
    private guard(): void {
        const { files, forbids, keeps } = this.tenant.guards();
        const paths = Object.keys(files).map((variable) => [variable, `/work/${variable}`] as const);
        this.world.files = Object.fromEntries(paths.map(([variable, path]) => [path, files[variable] ?? ""]));
        this.world.env = { ...this.world.env, ...Object.fromEntries(paths) };
        this.oracle.forbidden = forbids;
        this.oracle.kept = keeps;
    }

    /** The faults have ended: a second run converges, a third does nothing. */
    private async afterwards(): Promise<void> {
        const patient = this.tenant.program(({ rule }) => ({
            timeout: "60m",
            stallTimeout: undefined,
            allowedFailures: 0,
            ...(rule === null ? {} : { maxItems: 40 }),
        }));
        this.world.env = { HUAWEICLOUD_BATCH_TIMEOUT: "60m" };
        this.oracle.forbidden = new Set();
        this.oracle.kept = new Set();
        // The stored timeout may be too short for a refresh: this up stores a longer one.
        await this.wellDone("up", "up", patient);
        await this.wellDone("refresh", "refresh");
        await this.wellDone("second up", "up", patient);
        await this.expectGone("create");
        const before = (await this.tenant.auditLog()).submissions.length;
        await this.wellDone("second refresh", "refresh");
        const third = await this.wellDone("third up", "up", patient);
        if (third.hooks.length > 0) {
            this.oracle.breaks(
                `a third run was not idle: ${third.hooks.map(({ hook, resource }) => `${hook} of ${resource}`).join(", ")}`,
            );
        }
        if ((await this.tenant.auditLog()).submissions.length !== before) {
            this.oracle.breaks("a third run submitted something");
        }
        await this.wellDone("destroy", "destroy");
        await this.expectGone("destroy");
        if (this.schedule.seed % 2 === 1) {
            return;
        }
        await this.wellDone("up after destroy", "up", patient);
        const submitted = (await this.tenant.auditLog()).submissions.length;
        await this.wellDone("second destroy", "destroy");
        if ((await this.tenant.auditLog()).submissions.length !== submitted) {
            this.oracle.breaks("a second destroy submitted something");
        }
    }

    private async wellDone(name: string, what: Performed, program?: Program): Promise<Operation> {
        const done = await this.perform(what, program);
        for (const { hook, resource, result } of done.hooks) {
            if (result.is === "failed" || result.is === "kept") {
                const why = result.is === "failed" ? result.message : result.reasons.join("\n");
                this.oracle.breaks(`${name}, when all faults have ended: ${hook} of ${resource}: ${why}`);
            }
        }
        return done;
    }

    private async expectGone(when: "create" | "destroy"): Promise<void> {
        for (const properties of Object.values(this.tenant.program())) {
            const { service, targets } = this.tenant.targetsOf(properties);
            if (properties.when !== when || targets.length === 0) {
                continue;
            }
            const there = await this.tenant.there(service);
            const left = targets.filter((target) => there.has(target));
            if (left.length > 0) {
                this.oracle.breaks(`not converged: ${left.join(", ")} are there`);
            }
        }
    }

    private async perform(what: Performed, program: Program = this.tenant.program()): Promise<Operation> {
        const before = (await this.tenant.auditLog()).submissions.length;
        this.oracle.updates = what === "up" || what === "rename";
        if (what === "rename") {
            this.renames += 1;
        }
        const done =
            what === "refresh"
                ? await this.engine.refresh()
                : what === "destroy"
                  ? await this.engine.destroy()
                  : await this.engine.up(this.named(program));
        await this.oracle.operationEnded(done, before);
        return done;
    }

    /** With the present names of the resources. */
    private named(program: Program): Program {
        const suffix = this.renames === 0 ? "" : `-renamed-${this.renames}`;
        return Object.fromEntries(Object.entries(program).map(([name, inputs]) => [name + suffix, inputs]));
    }
}
