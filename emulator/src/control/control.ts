import type { z } from "zod";
import { gatewaySettings } from "../gateway/authentication";
import type { Tenancy } from "../gateway/gateway";
import { NOWHERE, type Project, projects } from "../identity/identity";
import { HOME_PROJECT_ID } from "../identity/places";
import type { EmulatedService } from "../service";
import type { SeedableKind } from "../world/kind";
import type { ChangeableSettings } from "../world/settings";
import type { ClockChange, ObjectChange, ObjectRemoval, Snapshot, seedSchema } from "./schemas";

/** A control call that names what does not exist. */
export class ControlProblem extends Error {}

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

    seed(seed: z.output<typeof seedSchema>): { ids: string[][] } {
        const { world, faults, throttles } = this.tenancy();
        world.catchUp();
        for (const [service, changes] of Object.entries(seed.settings ?? {})) {
            this.settings(service).change(world, changes);
        }
        for (const [name, durations] of Object.entries(seed.durations ?? {})) {
            for (const [duration, value] of Object.entries(durations)) {
                if (this.service(name).durations.change(world, duration, value)) {
                    continue;
                }
                throw new ControlProblem(`service ${name} has no duration ${duration}`);
            }
        }
        if (seed.throttles !== undefined) {
            throttles.set(seed.throttles);
        }
        for (const fault of seed.faults ?? []) {
            if (fault.service !== undefined) {
                this.service(fault.service, fault.operation);
            }
            faults.add(fault);
        }
        for (const outcome of seed.outcomes ?? []) {
            const { processes } = this.service(outcome.service);
            if (!Object.hasOwn(processes, outcome.process)) {
                throw new ControlProblem(`service ${outcome.service} has no process ${outcome.process}`);
            }
            world.outcomes.add(outcome);
        }
        const ids = (seed.objects ?? []).map((entry) => {
            const kind = this.kind(entry);
            const project = this.project(entry);
            const given =
                "objects" in entry
                    ? entry.objects
                    : Array.from({ length: entry.count }, (_, n) => numbered(entry.template ?? {}, n));
            return given.map((object, index) => kind.seed({ world, project, index }, object));
        });
        return { ids };
    }

    objects(place: Place): { project: string; object: object }[] {
        const { world } = this.tenancy();
        world.catchUp();
        return this.kind(place).read(world, place.project === undefined ? undefined : this.project(place));
    }

    change(change: ObjectChange): boolean {
        const { world } = this.tenancy();
        world.catchUp();
        return this.kind(change).change(world, this.project(change), change.id, change.changes);
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
                processes,
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

    private service(name: string, operation?: string): EmulatedService {
        const service = this.services.find((candidate) => candidate.name === name);
        if (service === undefined) {
            throw new ControlProblem(`no service ${name}`);
        }
        if (operation !== undefined && !service.routes.some((route) => route.operation === operation)) {
            throw new ControlProblem(`service ${name} has no operation ${operation}`);
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
    private project({ service, project }: Place): string {
        if (service === "iam") {
            return NOWHERE;
        }
        if (project === undefined) {
            return HOME_PROJECT_ID;
        }
        const isMeant = ({ id, name }: Project) => id === project || name === project;
        const found = projects.in(this.tenancy().world, NOWHERE).list("insertion").find(isMeant);
        if (found === undefined) {
            throw new ControlProblem(`no project or region ${project}`);
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
