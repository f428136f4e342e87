import { EngineModel, type Operation } from "../world/engine-model";
import type { Await } from "../world/life";
import { TestWorld } from "../world/world";
import { InvariantMonitor } from "./invariant-monitor";
import { Oracle } from "./oracle";
import type { Rule, Schedule } from "./schedule";
import { type Condition, serviceNamed } from "./services";
import { Tenant } from "./tenant";

/** An operation that is killed at its first await, at its second one, and so on. */
export interface Scene {
    readonly service: string;
    readonly when: "create" | "destroy";
    /** By a rule instead of ids. */
    readonly byRule?: boolean;
}

export interface Interruptions {
    /** Awaits at which the process was killed, by what it was doing. */
    readonly points: Readonly<Record<Await, number>>;
    /** Runs after the kill that ended well with everything gone. */
    readonly converged: number;
    readonly broken: readonly string[];
}

const POOL: readonly Condition[] = ["idle", "idle", "idle", "busy", "deleting", "idle"];

/** Blocked targets take minutes, all spent in inspections that are alike, so there are none; VIAS stops its tasks itself. */
function poolOf(service: string): readonly Condition[] {
    return POOL.map((condition) => (condition === "busy" && service !== "vias" ? "idle" : condition));
}

function calm({ service, when, byRule = false }: Scene): Schedule {
    const targets = POOL.map((_, target) => target);
    const rule: Rule | null = byRule ? { names: "all", maxItems: 40 } : null;
    const resource = { when, targets, rule, timeout: "60m", stallTimeout: null, allowedFailures: 0 } as const;
    return {
        seed: 5,
        identity: "key",
        tokenLife: 86_400,
        clockSkewSeconds: 0,
        connections: 8,
        latency: 40,
        parallel: 16,
        parts: [
            {
                service,
                settings: 0,
                pool: poolOf(service),
                unlisted: [],
                bystanders: 3,
                duration: { least: 2_000, most: 9_000 },
                resources: byRule ? [resource] : [resource, { ...resource, targets: [5, 7] }],
                faults: [],
                spoilt: [],
                throttle: null,
                meddling: [],
            },
        ],
        operations: [],
        outages: [],
    };
}

/** Kills the run at its first await, then in a new world at its second, and so on until it is not killed any more. */
export async function interruptEverywhere(scene: Scene): Promise<Interruptions> {
    const points: Record<Await, number> = {
        "a request not yet sent": 0,
        "a request that has had its effect": 0,
        "a sleep": 0,
    };
    const broken: string[] = [];
    let converged = 0;
    for (let point = 1; ; point += 1) {
        const story = new Story(scene);
        const diedAt = await story.play(point);
        if (diedAt === undefined) {
            return { points, converged, broken };
        }
        points[diedAt] += 1;
        const { broken: what } = story.oracle;
        broken.push(...what.map((each) => `${scene.service}, killed at await ${point} (${diedAt}): ${each}`));
        converged += what.length === 0 ? 1 : 0;
    }
}

class Story {
    readonly oracle: Oracle;
    private readonly world: TestWorld;
    private readonly tenant: Tenant;
    private readonly engine: EngineModel;

    constructor(private readonly scene: Scene) {
        const schedule = calm(scene);
        const breaks = (what: string) => this.oracle.breaks(what);
        const monitor: InvariantMonitor = new InvariantMonitor({
            broken: breaks,
            stillThere: (service, keys, since) => this.tenant.stillThere(serviceNamed(service), keys, since),
            now: () => this.world.clock.now(),
        });
        this.world = new TestWorld({ seed: schedule.seed, observe: monitor.observe });
        this.tenant = new Tenant(this.world, schedule);
        this.oracle = new Oracle(this.world, this.tenant, () => monitor);
        this.engine = new EngineModel(this.world.clock, this.world.startProcess, 16, (record) =>
            this.oracle.hookEnded(record),
        );
    }

    /** Returns what the process was doing when it was killed; undefined if it ended before. */
    play(killAt: number): Promise<Await | undefined> {
        return this.world.run(async () => {
            await this.world.still(() => this.tenant.furnish());
            const program = this.tenant.program();
            const act = () => (this.scene.when === "create" ? this.engine.up(program) : this.engine.destroy());
            if (this.scene.when === "destroy") {
                await this.engine.up(program);
            }
            this.world.killNextAt = killAt;
            const killed = await this.perform(act);
            const life = this.world.processes.at(-1)?.life;
            if (killed.is !== "killed") {
                return undefined;
            }
            // The lock has to be freed first. Meanwhile what was on its way arrives.
            await this.world.othersSleep(5_000);
            const again = await this.perform(act);
            if (again.is !== "succeeded") {
                this.oracle.breaks(`the run after the kill ${again.is}: ${JSON.stringify(again.hooks)}`);
            }
            await this.judge();
            return life?.diedAt;
        });
    }

    private async judge(): Promise<void> {
        const row = serviceNamed(this.scene.service);
        const there = await this.tenant.there(row);
        const left = POOL.map((_, target) => this.tenant.keyOf(0, target)).filter((key) => there.has(key));
        if (left.length > 0) {
            this.oracle.breaks(`not converged: ${left.join(", ")} are there`);
        }
        const lost = await this.tenant.lostBystanders();
        if (lost.length > 0) {
            this.oracle.breaks(`${lost.join(", ")}, which nobody declared, are gone`);
        }
        const twice = await this.tenant.submittedInDeletion();
        if (twice.length > 0) {
            this.oracle.breaks(`submitted while in deletion: ${twice.join(", ")}`);
        }
    }

    private async perform(operation: () => Promise<Operation>): Promise<Operation> {
        const before = (await this.tenant.auditLog()).submissions.length;
        const done = await operation();
        await this.oracle.operationEnded(done, before);
        return done;
    }
}
