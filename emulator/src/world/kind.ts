import type { z } from "zod";
import { type Problem, problemsOf } from "./problems";
import type { World } from "./world";

/** What a new object is given so that minimal descriptions can be completed. */
export interface Birth {
    readonly world: World;
    readonly project: string;
    /** Counts from 0 within one seed call. */
    readonly index: number;
    /** How old it is already, in milliseconds. Default: it is made now. */
    readonly age?: number;
}

/** World time (ms) at which it was made. */
export function bornAt({ world, age = 0 }: Birth): number {
    return world.now() - age;
}

interface KindDescription<T> {
    readonly schema: z.ZodObject & z.ZodType<T>;
    id(object: T): string;
    /** Values for what a seed leaves out; laid under it before the schema judges the whole. */
    defaults(birth: Birth): object;
    /** Called after a seed, e.g. to let a CREATING object become ACTIVE in due time. */
    onSeeded?(world: World, project: string, object: T): void;
    /** Not readable or seedable by the control API (tokens). */
    readonly hidden?: boolean;
}

/** The parts of a kind that need no knowledge of its type: what the control API works with. */
export interface SeedableKind {
    readonly service: string;
    readonly name: string;
    readonly hidden: boolean;
    readonly schema: z.ZodObject;
    defaults(birth: Birth): object;
    /** What is wrong with what a seed or a change gives of an object. */
    problems(given: object): Problem[];
    seed(birth: Birth, given: object): string;
    read(world: World, project?: string): { project: string; object: object }[];
    change(world: World, project: string, id: string, changes: object): boolean;
    remove(world: World, project: string, id: string, by: string): boolean;
    restore(world: World, project: string, object: unknown): void;
}

export class Kind<T extends object> implements SeedableKind {
    private readonly stores = new WeakMap<World, Map<string, Store<T>>>();
    private readonly given: z.ZodObject;

    constructor(
        readonly service: string,
        readonly name: string,
        private readonly description: KindDescription<T>,
    ) {
        this.given = description.schema.partial();
    }

    /** Of which every field may be left out. */
    get schema(): z.ZodObject {
        return this.given;
    }

    get hidden(): boolean {
        return this.description.hidden ?? false;
    }

    in(world: World, project: string): Store<T> {
        let stores = this.stores.get(world);
        if (stores === undefined) {
            stores = new Map();
            this.stores.set(world, stores);
        }
        let store = stores.get(project);
        if (store === undefined) {
            store = new Store<T>(this.service, this.name, world, project, (object) => this.description.id(object));
            stores.set(project, store);
        }
        return store;
    }

    /** Adds an object, completed by the defaults, as an API call does: nothing is planned for it. */
    create(birth: Birth, given: object): T {
        const object = this.description.schema.parse({ ...this.description.defaults(birth), ...given });
        this.in(birth.world, birth.project).add(object);
        return object;
    }

    problems(given: object): Problem[] {
        return problemsOf(this.given, given);
    }

    /** What an object is completed with. */
    defaults(birth: Birth): object {
        return this.description.defaults(birth);
    }

    seed(birth: Birth, given: object): string {
        const object = this.create(birth, given);
        this.description.onSeeded?.(birth.world, birth.project, object);
        return this.description.id(object);
    }

    read(world: World, project?: string): { project: string; object: T }[] {
        const found: { project: string; object: T }[] = [];
        for (const [key, store] of this.stores.get(world) ?? []) {
            if (project !== undefined && key !== project) {
                continue;
            }
            for (const object of store.list("insertion")) {
                found.push({ project: key, object });
            }
        }
        return found;
    }

    change(world: World, project: string, id: string, changes: object): boolean {
        const object = this.in(world, project).get(id);
        if (object === undefined) {
            return false;
        }
        Object.assign(object, this.description.schema.parse({ ...object, ...changes }));
        return true;
    }

    remove(world: World, project: string, id: string, by: string): boolean {
        return this.in(world, project).remove(id, by);
    }

    restore(world: World, project: string, object: unknown): void {
        this.in(world, project).add(this.description.schema.parse(object));
    }
}

/** In which order a list call shows objects. `arbitrary` is stable but unrelated to age; `shuffled` differs from call to call. */
export type ListOrder = "insertion" | "newest-first" | "arbitrary" | "shuffled";

/** The objects of one kind in one project. */
export class Store<T extends object> {
    private readonly objects = new Map<string, T>();
    private arbitrary: T[] | undefined;

    constructor(
        private readonly service: string,
        private readonly kind: string,
        private readonly world: World,
        private readonly project: string,
        private readonly idOf: (object: T) => string,
    ) {}

    get size(): number {
        return this.objects.size;
    }

    get(id: string): T | undefined {
        return this.objects.get(id);
    }

    /** Adds, or replaces the object with the same id. */
    add(object: T): void {
        this.objects.set(this.idOf(object), object);
        this.arbitrary = undefined;
    }

    /** Removes and leaves a tombstone; false if there is no such object. */
    remove(id: string, by: string): boolean {
        if (!this.objects.delete(id)) {
            return false;
        }
        this.arbitrary = undefined;
        const { service, kind, project } = this;
        this.world.tombstones.push({ service, kind, project, id, at: this.world.now(), by });
        return true;
    }

    /** Removes without a trace: records that expire by themselves. */
    forget(id: string): void {
        this.objects.delete(id);
        this.arbitrary = undefined;
    }

    /** The caller must not change the array. */
    list(order: ListOrder): readonly T[] {
        switch (order) {
            case "insertion":
                return [...this.objects.values()];
            case "newest-first":
                return [...this.objects.values()].reverse();
            case "arbitrary":
                this.arbitrary ??= this.inOrderOf((id) => scatter(id));
                return this.arbitrary;
            case "shuffled":
                return this.inOrderOf(() => this.world.random());
        }
    }

    private inOrderOf(rank: (id: string) => number): T[] {
        return [...this.objects]
            .map(([id, object]) => ({ object, rank: rank(id) }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ object }) => object);
    }
}

/** FNV-1a: the rank of an id in the `arbitrary` order, which has nothing to do with age or name. */
export function scatter(text: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) {
        hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    }
    return hash >>> 0;
}
