import { gatewaySettings } from "../gateway/authentication";
import type { EmulatedService } from "../service";
import { services as allServices } from "../services";
import { below, describe, type Problem, problemsOf, unknownName } from "../world/problems";
import { ControlProblem } from "./problem";
import { type Seed, type SeedObjects, seedSchema } from "./schemas";

/** Reads what somebody wrote as a seed. Throws one line that names, by its path, whatever nothing knows. */
export function readSeed(given: unknown): Seed {
    const problems = problemsOfSeed(given, allServices);
    if (problems.length > 0) {
        throw new ControlProblem(describe(problems));
    }
    return seedSchema.parse(given);
}

/** All but the names of projects, which a seed can bring with it. */
export function problemsOfSeed(given: unknown, services: readonly EmulatedService[]): Problem[] {
    const problems = problemsOf(seedSchema, given);
    if (problems.length > 0) {
        return problems;
    }
    const seed = seedSchema.parse(given);
    const names = new Names(services);
    return [
        ...Object.entries(seed.settings ?? {}).flatMap(([name, changes]) => names.settings(name, changes)),
        ...Object.entries(seed.durations ?? {}).flatMap(([name, durations]) => names.durations(name, durations)),
        ...(seed.throttles ?? []).flatMap((throttle, index) => names.operation(throttle, ["throttles", index])),
        ...(seed.faults ?? []).flatMap((fault, index) => names.operation(fault, ["faults", index])),
        ...(seed.outcomes ?? []).flatMap((outcome, index) => names.outcome(outcome, ["outcomes", index])),
        ...(seed.objects ?? []).flatMap((entry, index) => names.objects(entry, ["objects", index])),
    ];
}

type Path = readonly PropertyKey[];
type Outcome = NonNullable<ReturnType<typeof seedSchema.parse>["outcomes"]>[number];

/** What the parts of a seed name, looked up in the services. */
class Names {
    constructor(private readonly services: readonly EmulatedService[]) {}

    settings(name: string, changes: object): Problem[] {
        const all = [gatewaySettings, ...this.services.map(({ settings }) => settings)];
        const path = ["settings", name];
        const found = all.find(({ service }) => service === name);
        return found === undefined
            ? unknown(path, name, [gatewaySettings.service, ...this.serviceNames])
            : below(path, found.problems(changes));
    }

    durations(name: string, durations: object): Problem[] {
        return this.inService(name, ["durations", name], (service) =>
            Object.keys(durations).flatMap((duration) =>
                oneOf(["durations", name, duration], duration, service.durations.names),
            ),
        );
    }

    operation(
        { service: name, operation }: { service?: string | undefined; operation?: string | undefined },
        at: Path,
    ) {
        const known = (service: EmulatedService) => service.routes.map((route) => route.operation);
        if (name === undefined) {
            const all = this.services.flatMap(known);
            return operation === undefined ? [] : oneOf([...at, "operation"], operation, all);
        }
        return this.inService(name, [...at, "service"], (service) =>
            operation === undefined ? [] : oneOf([...at, "operation"], operation, known(service)),
        );
    }

    outcome(given: Outcome, at: Path): Problem[] {
        return this.inService(given.service, [...at, "service"], ({ processes }) => {
            const process = Object.hasOwn(processes, given.process) ? processes[given.process] : undefined;
            if (process === undefined) {
                return unknown([...at, "process"], given.process, Object.keys(processes));
            }
            const { outcomes, statuses = [] } = process;
            const found = oneOf([...at, "outcome"], given.outcome, Object.keys(outcomes));
            const status = given.outcome === "fail" ? given.status : undefined;
            return status === undefined ? found : [...found, ...oneOf([...at, "status"], status, statuses)];
        });
    }

    objects({ service: name, kind: kindName, objects, template }: SeedObjects, at: Path): Problem[] {
        return this.inService(name, [...at, "service"], ({ kinds }) => {
            const shown = kinds.filter(({ hidden }) => !hidden);
            const kind = shown.find((candidate) => candidate.name === kindName);
            if (kind === undefined) {
                const names = shown.map((each) => each.name);
                return unknown([...at, "kind"], kindName, names);
            }
            return [
                ...(objects ?? []).flatMap((object, n) => below([...at, "objects", n], kind.problems(object))),
                ...below([...at, "template"], kind.problems(template ?? {})),
            ];
        });
    }

    private get serviceNames(): string[] {
        return this.services.map(({ name }) => name);
    }

    private inService(name: string, path: Path, judge: (service: EmulatedService) => Problem[]): Problem[] {
        const service = this.services.find((candidate) => candidate.name === name);
        return service === undefined ? unknown(path, name, this.serviceNames) : judge(service);
    }
}

const unknown = (path: Path, name: string, known: readonly string[]): Problem[] => [
    { path, text: path.at(-1) === name ? unknownName(name, known) : `${name} is ${unknownName(name, known)}` },
];

const oneOf = (path: Path, name: string, known: readonly string[]): Problem[] =>
    known.includes(name) ? [] : unknown(path, name, known);
