import { z } from "zod";
import type { ApiFailure, TargetState } from "../../src/batch/api";
import type { ProcessContext } from "../../src/provider/context";
import { withoutEngine } from "../../src/provider/engine-watch";
import { noGuardLists } from "../../src/provider/guards/guard-lists";
import { createLifecycle, type Lifecycle } from "../../src/provider/lifecycle";
import { Ownership } from "../../src/provider/ownership/ownership";
import { bound } from "../../src/provider/resource-hooks";
import { Sessions } from "../../src/provider/sessions";
import { targetSetHooks } from "../../src/provider/target-set/hooks";
import { Throttling } from "../../src/provider/throttling";
import type { TargetSetDefinition } from "../../src/services/definition";
import { things } from "../batch/things";
import { VirtualClock } from "../virtual-clock";
import { listedNothing } from "./listed-nothing";

/** Of the only resource. */
export const ID = "cn-north-4/p1/0001";
/** The engine's marker of a value that is not known yet. */
export const UNKNOWN = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2";

/** A cloud of things that can be deleted, and one resource over them. */
export class Cloud {
    readonly things = new Map<string, "there" | "stuck">();
    readonly submits: string[][] = [];
    inspections = 0;
    inspectionFailure: ApiFailure | undefined;
    readonly clock = new VirtualClock();
    readonly notes: string[] = [];
    readonly connects: unknown[] = [];
    /** The engine's Cancel. */
    readonly cancellation = new AbortController();
    lifecycle: Lifecycle;

    constructor(private readonly env: Record<string, string> = {}) {
        this.lifecycle = this.newProcess();
    }

    /** The provider process of the next operation. */
    newProcess(): Lifecycle {
        const { env } = this;
        const sessions = new Sessions(this.clock, () => 0.5, this.cancellation.signal);
        const context: ProcessContext = {
            clock: this.clock,
            random: () => 0.5,
            env,
            progress: { line: () => {}, note: (_urn, _severity, text) => this.notes.push(text), end: async () => {} },
            cancelled: this.cancellation.signal,
            throttling: new Throttling(),
            guardLists: async () => noGuardLists,
            sessions,
            ownership: new Ownership(this.clock),
            connect: async (request) => {
                this.connects.push(request);
                const place = request.stored ?? {
                    region: request.region ?? "cn-north-4",
                    projectId: request.projectId ?? "p1",
                };
                return {
                    place,
                    identity: "me",
                    client: (service) => ({ service, place, send: async () => Promise.reject(new Error("not used")) }),
                };
            },
            newId: () => "0001",
        };
        const hooks = bound(targetSetHooks(this.definition, context), context);
        this.lifecycle = createLifecycle(withoutEngine, () => hooks);
        return this.lifecycle;
    }

    /** Begins another operation. */
    destroy(id: string, outs: Record<string, unknown>) {
        return this.run(this.newProcess().remove(id, outs));
    }

    private readonly api = things({
        inspect: async (keys) => {
            this.inspections += 1;
            if (this.inspectionFailure !== undefined) {
                throw this.inspectionFailure;
            }
            await this.clock.sleep(10);
            const stateOf = (key: string): TargetState => ({ is: this.things.has(key) ? "ready" : "settled" });
            return new Map(keys.map((key) => [key, stateOf(key)]));
        },
        submit: async (keys) => {
            this.submits.push([...keys]);
            await this.clock.sleep(10);
            const failed = new Map(
                keys
                    .filter((key) => this.things.get(key) === "stuck")
                    .map((key) => [key, { code: "X.1", message: "stuck fast" }]),
            );
            for (const key of keys) {
                if (!failed.has(key)) {
                    this.things.delete(key);
                }
            }
            return { is: "accepted", failed };
        },
    });

    readonly definition: TargetSetDefinition = {
        resource: "test:Deletion",
        service: {
            name: "clouddc",
            title: "Test service",
            hostLabels: { default: "test" },
            authenticationCodes: [],
            permissionCodes: [],
            busyCodes: [],
        },
        noun: ["thing", "things"],
        targets: [
            {
                input: "thingIds",
                id: z.string().regex(/^[a-z0-9]+$/, "a thing's id has letters and digits"),
                listed: listedNothing,
            },
        ],
        inputs: { force: z.boolean().default(false), instanceId: z.string().optional() },
        placeInputs: ["instanceId"],
        goalInputs: ["force"],
        hasWhen: true,
        hasEnterpriseProject: false,
        acts: () => {
            const act = { variant: "", api: () => this.api };
            return { onCreate: act, onDestroy: act };
        },
    };

    fill(...ids: string[]) {
        for (const id of ids) {
            this.things.set(id, "there");
        }
    }

    async inputs(properties: Record<string, unknown>) {
        const { inputs, failures } = await this.lifecycle.check(
            {},
            { __resource: "test:Deletion", __provider: "code", ...properties },
        );
        expect(failures).toEqual([]);
        return inputs;
    }

    run<T>(work: Promise<T>): Promise<T> {
        return this.clock.run(work);
    }

    async create(properties: Record<string, unknown>) {
        const inputs = await this.inputs(properties);
        return this.run(this.lifecycle.create(inputs));
    }

    /** Like the engine: diff, then update if diff reports changes. */
    async up(olds: Record<string, unknown>, properties: Record<string, unknown>) {
        const news = await this.inputs(properties);
        const { changes, replaces } = await this.lifecycle.diff(ID, olds, news);
        expect(replaces).toEqual([]);
        return changes ? (await this.run(this.lifecycle.update(ID, olds, news))).outs : "no changes";
    }
}
