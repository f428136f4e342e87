import type { z } from "zod";
import { type Duration, durationDraw } from "./duration";
import { type Problem, problemsOf } from "./problems";
import type { World } from "./world";

/** What the documentation of a service leaves open. Every field of the schema has a default: the more hostile choice. */
export interface ChangeableSettings {
    readonly service: string;
    readonly schema: z.ZodType;
    problems(changes: object): Problem[];
    read(world: World): object;
    change(world: World, changes: object): void;
}

export class Settings<T extends object> implements ChangeableSettings {
    private readonly values = new WeakMap<World, T>();

    constructor(
        readonly service: string,
        readonly schema: z.ZodType<T>,
    ) {}

    in(world: World): T {
        let values = this.values.get(world);
        if (values === undefined) {
            values = this.schema.parse({});
            this.values.set(world, values);
        }
        return values;
    }

    problems(changes: object): Problem[] {
        return problemsOf(this.schema, changes);
    }

    read(world: World): T {
        return this.in(world);
    }

    change(world: World, changes: object): void {
        this.values.set(world, this.schema.parse({ ...this.in(world), ...changes }));
    }
}

/** The named lengths of time of one service. */
export class Durations<Name extends string> {
    private readonly draws = new WeakMap<World, Map<string, () => number>>();
    private readonly values = new WeakMap<World, Map<string, Duration>>();

    constructor(
        readonly service: string,
        private readonly defaults: Readonly<Record<Name, Duration>>,
    ) {}

    draw(world: World, name: Name): number {
        let draws = this.draws.get(world);
        if (draws === undefined) {
            draws = new Map();
            this.draws.set(world, draws);
        }
        let draw = draws.get(name);
        if (draw === undefined) {
            draw = durationDraw(this.values.get(world)?.get(name) ?? this.defaults[name], world.random);
            draws.set(name, draw);
        }
        return draw();
    }

    get names(): string[] {
        return Object.keys(this.defaults);
    }

    read(world: World): Record<string, Duration> {
        return { ...this.defaults, ...Object.fromEntries(this.values.get(world) ?? []) };
    }

    /** The name is one of `names`. */
    change(world: World, name: string, duration: Duration): void {
        const values = this.values.get(world) ?? new Map<string, Duration>();
        values.set(name, duration);
        this.values.set(world, values);
        this.draws.get(world)?.delete(name);
    }
}
