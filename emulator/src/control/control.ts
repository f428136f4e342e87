import * as z from "zod";
import { gatewaySettings } from "../gateway/authentication";
import type { Tenancy } from "../gateway/gateway";
import { NOWHERE, projects } from "../identity/identity";
import { HOME_PROJECT_ID } from "../identity/places";
import type { EmulatedService } from "../service";
import type { SeedableKind } from "../world/kind";
import { below, describe, unknownName } from "../world/problems";
import type { ChangeableSettings } from "../world/settings";
import { ControlProblem } from "./problem";
import {
    type ClockChange,
    type ObjectChange,
    type ObjectRemoval,
    type SeedObjects,
    type Snapshot,
    seedSchema,
} from "./schemas";
import { problemsOfSeed } from "./seed";

interface Place {
    readonly service: string;
    readonly kind: string;
    readonly project?: string | undefined;
}

/** What the control API does, without HTTP. */
export class Control {
    constructor(
        private readonly services: readonly EmulatedService[],
        private readonly tenancy: () => Tenancy,
    ) {}

    /** Judges the whole seed first: one with a name that nothing knows changes nothing. */
    seed(given: unknown): { ids: string[][] } {
        const problems = problemsOfSeed(given, this.services);
        if (problems.length > 0) {
            throw new ControlProblem(describe(problems));
        }
        const seed = seedSchema.parse(given);
        const { world, faults, throttles } = this.tenancy();
        world.catchUp();
        for (const [service, changes] of Object.entries(seed.settings ?? {})) {
            this.settings(service).change(world, changes);
        }
        for (const [name, durations] of Object.entries(seed.durations ?? {})) {
            for (const [duration, value] of Object.entries(durations)) {
                this.service(name).durations.change(world, duration, value);
            }
        }
        if (seed.throttles !== undefined) {
            throttles.set(seed.throttles);
        }
        for (const fault of seed.faults ?? []) {
            faults.add(fault);
        }
        for (const outcome of seed.outcomes ?? []) {
            world.outcomes.add(outcome);
        }
        return { ids: (seed.objects ?? []).map((entry, index) => this.seedObjects(entry, ["objects", index])) };
    }

    private seedObjects(entry: SeedObjects, at: readonly PropertyKey[]): string[] {
        const { world } = this.tenancy();
        const kind = this.kind(entry);
        const project = this.project(entry, at);
        const { count = 0, template = {}, ageSeconds = 0 } = entry;
        const age = ageSeconds * 1_000;
        const given = entry.objects ?? Array.from({ length: count }, (_, n) => numbered(template, n));
        return given.map((object, index) => {
            try {
                return kind.seed({ world, project, index, age }, object);
            } catch (error) {
                // A template can become too long by its number.
                if (!(error instanceof z.ZodError)) {
                    throw error;
                }
                const problems = error.issues.map(({ path, message }) => ({ path, text: message }));
                throw new ControlProblem(describe(below([...at, "objects", index], problems)));
            }
        });
    }

    objects(place: Place): { project: string; object: object }[] {
        const { world } = this.tenancy();
        world.catchUp();
        return this.kind(place).read(world, place.project === undefined ? undefined : this.project(place));
    }

    change(change: ObjectChange): boolean {
        const { world } = this.tenancy();
        world.catchUp();
        const kind = this.kind(change);
        const problems = below(["changes"], kind.problems(change.changes));
        if (problems.length > 0) {
            throw new ControlProblem(describe(problems));
        }
        return kind.change(world, this.project(change), change.id, change.changes);
    }

    remove(removal: ObjectRemoval): boolean {
        const { world } = this.tenancy();
        world.catchUp();
        return this.kind(removal).remove(world, this.project(removal), removal.id, "control");
    }

    clock(change: ClockChange): void {
        const { world } = this.tenancy();
        // What is due by the old pace happens before the new one.
        world.catchUp();
        if (change.do === "pause") {
            world.clock.pause();
        }
        if (change.do === "resume") {
            world.clock.resume();
        }
        if (change.do === "advance") {
            world.clock.advance(change.ms);
        }
        if (change.do === "speed") {
            world.clock.setSpeed(change.factor);
        }
        world.catchUp();
    }

    clearFaults(): void {
        const { world, faults } = this.tenancy();
        faults.clear();
        world.outcomes.clear();
    }

    state() {
        const { world, faults, throttles } = this.tenancy();
        return {
            now: world.now(),
            speed: world.clock.speed,
            paused: world.clock.paused,
            settings: this.allSettings(),
            durations: Object.fromEntries(this.services.map(({ name, durations }) => [name, durations.read(world)])),
            throttles: throttles.read(),
            faults: faults.read(),
            services: this.services.map(({ name, kinds, routes, processes }) => ({
                name,
                kinds: kinds.filter(({ hidden }) => !hidden).map((kind) => kind.name),
                operations: routes.map(({ operation, method, path }) => ({ operation, method, path })),
                processes: Object.fromEntries(Object.entries(processes).map(([process, { ids }]) => [process, ids])),
            })),
        };
    }

    auditLog() {
        const { world } = this.tenancy();
        world.catchUp();
        const { submissions, doubleSubmissions, requests } = world.auditLog;
        return { submissions, doubleSubmissions, requests, tombstones: world.tombstones };
    }

    snapshot(): Snapshot {
        const { world } = this.tenancy();
        world.catchUp();
        const objects = this.services.flatMap(({ name, kinds }) =>
            kinds
                .filter(({ hidden }) => !hidden)
                .flatMap((kind) => kind.read(world).map((read) => ({ service: name, kind: kind.name, ...read }))),
        );
        const agenda = world.agenda.list();
        return { objects, agenda, tombstones: [...world.tombstones], settings: this.allSettings() };
    }

    /** Takes up a snapshot; the tenancy should be fresh. */
    restore(snapshot: Snapshot): void {
        const { world } = this.tenancy();
        for (const [service, changes] of Object.entries(snapshot.settings)) {
            this.settings(service).change(world, changes);
        }
        for (const entry of snapshot.objects) {
            this.kind(entry).restore(world, entry.project, entry.object);
        }
        for (const event of snapshot.agenda) {
            world.agenda.add(event);
        }
        world.tombstones.push(...snapshot.tombstones);
    }

    private allSettings(): Record<string, Record<string, unknown>> {
        const { world } = this.tenancy();
        const all: ChangeableSettings[] = [gatewaySettings, ...this.services.map(({ settings }) => settings)];
        return Object.fromEntries(all.map((settings) => [settings.service, { ...settings.read(world) }]));
    }

    private service(name: string): EmulatedService {
        const service = this.services.find((candidate) => candidate.name === name);
        if (service === undefined) {
            throw new ControlProblem(`no service ${name}`);
        }
        return service;
    }

    private settings(name: string): ChangeableSettings {
        return name === gatewaySettings.service ? gatewaySettings : this.service(name).settings;
    }

    private kind({ service, kind }: Place): SeedableKind {
        const found = this.service(service).kinds.find((candidate) => candidate.name === kind && !candidate.hidden);
        if (found === undefined) {
            throw new ControlProblem(`service ${service} has no kind ${kind}`);
        }
        return found;
    }

    /** Identities and projects themselves belong to no project. */
    private project({ service, project }: Place, at: readonly PropertyKey[] = []): string {
        if (service === "iam") {
            return NOWHERE;
        }
        if (project === undefined) {
            return HOME_PROJECT_ID;
        }
        const all = projects.in(this.tenancy().world, NOWHERE).list("insertion");
        const found = all.find(({ id, name }) => id === project || name === project);
        if (found === undefined) {
            const names = all.map(({ name }) => name);
            throw new ControlProblem(
                describe([{ path: [...at, "project"], text: `${project} is ${unknownName(project, names)}` }]),
            );
        }
        return found.id;
    }
}

/** The template with `{n}` replaced by the number in every string. */
function numbered(template: object, n: number): Record<string, unknown> {
    const fill = (value: unknown): unknown => {
        if (typeof value === "string") {
            return value.replaceAll("{n}", String(n));
        }
        if (Array.isArray(value)) {
            return value.map(fill);
        }
        if (typeof value !== "object" || value === null) {
            return value;
        }
        return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner)]));
    };
    return Object.fromEntries(Object.entries(template).map(([name, value]) => [name, fill(value)]));
}
