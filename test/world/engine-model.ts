import { z } from "zod";
import type { Properties } from "../../src/provider/hooks";
import type { Lifecycle } from "../../src/provider/lifecycle";
import type { VirtualClock } from "../virtual-clock";
import type { ProcessLife } from "./life";

/** What a program declares: inputs by the resource's name. */
export type Program = Readonly<Record<string, Properties>>;

export interface UpOptions {
    /** Old names by new ones. */
    readonly aliases?: Readonly<Record<string, string>>;
    /** By `--replace`, or because they are tainted: the engine calls no diff. */
    readonly replace?: readonly string[];
    /** The option deleteBeforeReplace. */
    readonly deleteFirst?: readonly string[];
    /** `--target`, by name; the others get no check. */
    readonly targets?: readonly string[];
}

/** One resource in the stack's state; kept as JSON between operations. */
export interface Stored {
    readonly id: string;
    readonly inputs: Properties;
    readonly outputs: Properties;
    /** It failed to initialise: the next `up` updates it, whatever diff says. */
    readonly initErrors: boolean;
}

export type HookName = "create" | "update" | "read" | "delete";

export interface HookRecord {
    readonly resource: string;
    readonly hook: HookName;
    /** Inputs of create and update, outputs of read and delete. */
    readonly given: Properties;
    readonly before: Properties | undefined;
    readonly began: number;
    readonly ended: number;
    readonly result: HookResult;
}

export type HookResult =
    | { readonly is: "done"; readonly outputs: Properties }
    /** An initialisation failure: id and properties are kept. */
    | { readonly is: "kept"; readonly outputs: Properties; readonly reasons: readonly string[] }
    | { readonly is: "failed"; readonly message: string }
    /** The process died. */
    | { readonly is: "killed" };

export interface Operation {
    readonly is: "succeeded" | "failed" | "killed";
    readonly hooks: readonly HookRecord[];
}

export interface ProviderProcess {
    readonly lifecycle: Lifecycle;
    readonly life: ProcessLife;
}

const initFailure = z.object({
    id: z.string().min(1),
    properties: z.record(z.string(), z.unknown()),
    reasons: z.array(z.string()),
});

/**
 * Behaves towards dynamic resources as the Pulumi engine does (SG, SE and STEP of pulumi/pulumi): state is JSON, one process per
 * operation, steps in parallel, none begun after a failure, a failed create without an id is forgotten, one with an id kept.
 */
export class EngineModel {
    /** JSON of each resource by its name. */
    private readonly state = new Map<string, string>();
    private readonly pending: Array<{ readonly name: string; readonly stored: string }> = [];

    constructor(
        private readonly clock: VirtualClock,
        private readonly startProcess: () => ProviderProcess,
        private readonly parallel: number,
        /** Called with each hook that has ended; awaited before anything else goes on. */
        private readonly onHook: (record: HookRecord) => Promise<void> = async () => {},
    ) {}

    resources(): Readonly<Record<string, Stored>> {
        return Object.fromEntries([...this.state].map(([name, stored]) => [name, JSON.parse(stored)]));
    }

    /** Old resources whose replacement was made, and whose deletion is still to come. */
    pendingDeletes(): readonly Stored[] {
        return this.pending.map(({ stored }) => JSON.parse(stored));
    }

    /** Calls the hooks in the order that was observed on a real engine. */
    async up(program: Program, options: UpOptions = {}): Promise<Operation> {
        const { aliases = {}, replace = [], deleteFirst = [], targets } = options;
        const operation = this.begin();
        const { lifecycle } = operation.process;
        const steps: Array<() => Promise<void>> = [];
        const deletes: Array<() => Promise<void>> = [];
        const before = this.resources();
        const isTarget = (name: string) => targets === undefined || targets.includes(name);
        for (const [name, properties] of Object.entries(program).filter(([declared]) => isTarget(declared))) {
            const alias = aliases[name];
            const old = before[name] ?? (alias === undefined ? undefined : before[alias]);
            const check = async (olds: Properties) => {
                const { inputs: checked, failures } = await lifecycle.check(
                    json(olds),
                    json({ ...properties, __urn: name, __provider: "code" }),
                );
                if (failures.length > 0) {
                    throw new Error(`${name}: ${JSON.stringify(failures)}`);
                }
                return json({ ...checked, __provider: "code" });
            };
            if (old !== undefined && alias !== undefined && before[name] === undefined) {
                this.rename(alias, name);
            }
            const forced = old !== undefined && replace.includes(name);
            let inputs = await check(forced ? {} : (old?.inputs ?? {}));
            if (old === undefined) {
                steps.push(() => operation.create(name, inputs));
                continue;
            }
            const difference = forced
                ? { changes: true, replaces: ["--replace"], deleteBeforeReplace: false }
                : await lifecycle.diff(old.id, json(old.outputs), json(inputs));
            if (difference.replaces.length === 0) {
                if (difference.changes || old.initErrors) {
                    steps.push(() => operation.update(name, old, inputs));
                }
                continue;
            }
            if (!forced) {
                inputs = await check({});
            }
            if (difference.deleteBeforeReplace || deleteFirst.includes(name)) {
                // At once: resources that come later in the program have not been checked yet.
                await operation.perform([async () => void (await operation.remove(name, old, "keep the entry"))]);
                steps.push(() => operation.create(name, inputs));
            } else {
                steps.push(async () => {
                    await operation.create(name, inputs, () => {
                        this.pending.push({ name, stored: JSON.stringify(old) });
                    });
                });
            }
        }
        await operation.perform(steps);
        const dropped = Object.keys(before).filter(
            (name) => program[name] === undefined && !Object.values(aliases).includes(name) && isTarget(name),
        );
        for (const name of dropped) {
            const old = before[name];
            deletes.push(async () => {
                if (old !== undefined) {
                    await operation.remove(name, old, "drop the entry");
                }
            });
        }
        deletes.push(...this.pendingSteps(operation));
        await operation.perform(deletes);
        return operation.end();
    }

    private pendingSteps(operation: RunningOperation): ReadonlyArray<() => Promise<void>> {
        return this.pending.map((entry) => async () => {
            if (await operation.remove(entry.name, JSON.parse(entry.stored), "keep the entry")) {
                this.pending.splice(this.pending.indexOf(entry), 1);
            }
        });
    }

    private rename(from: string, to: string): void {
        const stored = this.state.get(from);
        this.state.delete(from);
        if (stored !== undefined) {
            this.state.set(to, stored);
        }
    }

    async refresh(): Promise<Operation> {
        const operation = this.begin();
        const steps = Object.entries(this.resources()).map(
            ([name, old]) =>
                () =>
                    operation.read(name, old),
        );
        await operation.perform(steps);
        return operation.end();
    }

    async destroy(): Promise<Operation> {
        const operation = this.begin();
        const steps = Object.entries(this.resources()).map(([name, old]) => async () => {
            await operation.remove(name, old, "drop the entry");
        });
        await operation.perform([...steps, ...this.pendingSteps(operation)]);
        return operation.end();
    }

    private begin(): RunningOperation {
        const change = (name: string, stored: Stored | undefined) => {
            this.state.delete(name);
            if (stored !== undefined) {
                this.state.set(name, JSON.stringify(stored));
            }
        };
        return new RunningOperation(this.clock, this.startProcess(), this.parallel, change, this.onHook);
    }
}

class RunningOperation {
    private readonly hooks: HookRecord[] = [];
    private failed = false;

    constructor(
        private readonly clock: VirtualClock,
        readonly process: ProviderProcess,
        private readonly parallel: number,
        private readonly change: (name: string, stored: Stored | undefined) => void,
        private readonly onHook: (record: HookRecord) => Promise<void>,
    ) {}

    /** What has begun is waited for; after a failure nothing else begins. */
    async perform(steps: ReadonlyArray<() => Promise<void>>): Promise<void> {
        const queue = [...steps];
        const lane = async () => {
            for (let step = queue.shift(); step !== undefined && !this.stopping; step = queue.shift()) {
                await step();
            }
        };
        await Promise.all(Array.from({ length: Math.min(this.parallel, steps.length) }, lane));
    }

    end(): Operation {
        const { dead, cancellation } = this.process.life;
        const is = dead ? "killed" : this.failed || cancellation.signal.aborted ? "failed" : "succeeded";
        return { is, hooks: this.hooks };
    }

    private get stopping(): boolean {
        const { dead, cancellation } = this.process.life;
        return this.failed || dead || cancellation.signal.aborted;
    }

    /** `onMade`: when there is a new one, unfinished or not. */
    async create(name: string, inputs: Properties, onMade: () => void = () => {}): Promise<void> {
        const { lifecycle } = this.process;
        const result = await this.call(
            name,
            "create",
            inputs,
            undefined,
            async () => {
                const { id, outs } = await lifecycle.create(json(inputs));
                this.change(name, { id, inputs, outputs: json(outs), initErrors: false });
                return outs;
            },
            inputs,
        );
        if (result.is === "done" || result.is === "kept") {
            onMade();
        }
    }

    async update(name: string, old: Stored, inputs: Properties): Promise<void> {
        const { lifecycle } = this.process;
        await this.call(
            name,
            "update",
            inputs,
            old,
            async () => {
                const { outs } = await lifecycle.update(old.id, json(old.outputs), json(inputs));
                this.change(name, { id: old.id, inputs, outputs: json(outs), initErrors: false });
                return outs;
            },
            old.inputs,
        );
    }

    async read(name: string, old: Stored): Promise<void> {
        const { lifecycle } = this.process;
        await this.call(
            name,
            "read",
            old.outputs,
            old,
            async () => {
                const { id, props } = await lifecycle.read(old.id, json(old.outputs));
                this.change(name, id === "" ? undefined : { ...old, id, outputs: json(props), initErrors: false });
                return props;
            },
            old.inputs,
        );
    }

    async remove(name: string, old: Stored, entry: "drop the entry" | "keep the entry"): Promise<boolean> {
        const { lifecycle } = this.process;
        const result = await this.call(
            name,
            "delete",
            old.outputs,
            old,
            async () => {
                await lifecycle.remove(old.id, json(old.outputs));
                if (entry === "drop the entry") {
                    this.change(name, undefined);
                }
                return {};
            },
            old.inputs,
        );
        return result.is === "done";
    }

    private async call(
        resource: string,
        hook: HookName,
        given: Properties,
        old: Stored | undefined,
        work: () => Promise<Properties>,
        inputsIfKept: Properties,
    ): Promise<HookResult> {
        const began = this.clock.now();
        const killed = this.process.life.died.then((): HookResult => ({ is: "killed" }));
        const worked = work().then(
            (outputs): HookResult => ({ is: "done", outputs: json(outputs) }),
            (error: unknown): HookResult => {
                const failure = initFailure.safeParse(error);
                if (failure.success && (hook === "create" || hook === "update")) {
                    const { id, properties, reasons } = failure.data;
                    const outputs = json(properties);
                    this.change(resource, { id, inputs: inputsIfKept, outputs, initErrors: true });
                    return { is: "kept", outputs, reasons };
                }
                return { is: "failed", message: error instanceof Error ? error.message : String(error) };
            },
        );
        const result = await Promise.race([worked, killed]);
        this.failed ||= result.is !== "done";
        const record = { resource, hook, given, before: old?.outputs, began, ended: this.clock.now(), result };
        this.hooks.push(record);
        await this.onHook(record);
        return result;
    }
}

/** Nothing but JSON passes between engine and provider. */
function json(properties: Properties): Properties {
    return JSON.parse(JSON.stringify(properties));
}
