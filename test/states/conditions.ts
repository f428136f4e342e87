import type { Seed } from "../../emulator/src";
import { EngineModel, type Stored } from "../world/engine-model";
import { TestWorld } from "../world/world";

/** How a resource stands when its state is recorded. */
export type Condition =
    | "created"
    | "partly-failed"
    | "back-again"
    | "recorded"
    | "allowed-to-fail"
    | "stopped-for-update"
    // By a rule instead of ids: what matched is done, or is to be done at destroy.
    | "rule-done"
    | "rule-recorded";

/** One resource whose states are recorded: what stands in the emulated cloud, and what the program declares. */
export interface StatefulResource {
    /** `<namespace>:<Resource>` */
    readonly resource: string;
    readonly conditions: readonly Condition[];
    readonly inputs: Readonly<Record<string, unknown>>;
    /** The inputs with a rule instead of ids, where there is one. It matches all the objects. */
    readonly byRule?: Readonly<Record<string, unknown>>;
    readonly objects: NonNullable<Seed["objects"]>;
    /** The process and the target that fail where it is partly failed. */
    readonly failing: {
        readonly service: string;
        readonly process: string;
        /** Of the target; any where ids are the cloud's own. */
        readonly ids?: readonly string[];
        /** How often; always where it is left out. */
        readonly times?: number;
    };
}

const INSTANCE = "01234567-89ab-4cde-8f01-23456789abcd";
const instance = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const asset = (n: number) => `fedcba98765432100000000000000000${n}`.slice(-32);
const deletions: readonly Condition[] = [
    "created",
    "partly-failed",
    "back-again",
    "recorded",
    "allowed-to-fail",
    "rule-done",
    "rule-recorded",
];
const names = ["left-*"];
const rule = { matching: { names }, maxItems: 10 };

export const resources: readonly StatefulResource[] = [
    {
        resource: "roma:AssetBatchDeletion",
        conditions: deletions,
        inputs: { instanceId: INSTANCE, appIds: ["app-1", "app-2"], taskIds: ["task-1"] },
        byRule: { instanceId: INSTANCE, matching: { apps: { names }, tasks: { names } }, maxItems: 10 },
        objects: [
            {
                service: "roma",
                kind: "apps",
                objects: [
                    { id: "app-1", name: "left-1" },
                    { id: "app-2", name: "left-2" },
                ],
            },
            { service: "roma", kind: "tasks", objects: [{ task_id: "task-1", task_name: "left-1" }] },
        ],
        failing: { service: "roma", process: "delete-app", ids: ["app-2"], times: 1 },
    },
    {
        resource: "workspaceapp:ImageServerBatchDeletion",
        conditions: deletions,
        inputs: {
            imageServerIds: ["501", "502"],
            recursive: true,
            region: "cn-north-4",
            timeout: "30m",
            allowedFailures: 0,
        },
        byRule: { ...rule, recursive: true },
        objects: [
            {
                service: "workspaceapp",
                kind: "imageServers",
                objects: [
                    { id: "501", name: "left-1" },
                    { id: "502", name: "left-2" },
                ],
            },
        ],
        failing: { service: "workspaceapp", process: "delete-image-server", ids: ["502"], times: 1 },
    },
    {
        resource: "clouddc:InstanceBatchDeletion",
        conditions: deletions,
        inputs: { instanceIds: [instance(1), instance(2)] },
        byRule: rule,
        objects: [
            {
                service: "clouddc",
                kind: "instances",
                objects: [
                    { id: instance(1), name: "left-1" },
                    { id: instance(2), name: "left-2" },
                ],
            },
        ],
        failing: { service: "clouddc", process: "delete-instance", ids: [instance(2)], times: 1 },
    },
    {
        resource: "metastudio:AssetBatchDeletion",
        conditions: deletions,
        inputs: { assetIds: [asset(1), asset(2)], permanently: true },
        byRule: { ...rule, permanently: true },
        objects: [
            {
                service: "metastudio",
                kind: "assets",
                objects: [
                    { asset_id: asset(1), asset_name: "left-1" },
                    { asset_id: asset(2), asset_name: "left-2" },
                ],
            },
        ],
        failing: { service: "metastudio", process: "delete-force", ids: [asset(2)], times: 1 },
    },
    {
        resource: "metastudio:AssetBatchAction",
        conditions: ["created", "partly-failed", "allowed-to-fail", "rule-done"],
        inputs: { assetIds: [asset(7), asset(8)], onCreate: "UNACTIVE", onDestroy: "DELETE" },
        byRule: { matching: { names: ["shown-*"] }, maxItems: 10, onCreate: "UNACTIVE", onDestroy: "DELETE" },
        objects: [
            {
                service: "metastudio",
                kind: "assets",
                objects: [
                    { asset_id: asset(7), asset_name: "shown-1" },
                    { asset_id: asset(8), asset_name: "shown-2" },
                ],
            },
        ],
        failing: { service: "metastudio", process: "unactive", ids: [asset(8)], times: 1 },
    },
    {
        resource: "vias:BatchTask",
        conditions: ["created", "partly-failed", "stopped-for-update"],
        inputs: {
            name: "counting",
            serviceName: "people-counting",
            serviceVersion: "1.0.0",
            batchInput: {
                videoSourceGroup: [
                    {
                        videoSourceGroupId: "b0000000000000000000000000000001",
                        videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
                    },
                ],
            },
            output: { obs: { bucket: "counts", path: "north" } },
            desiredState: "started",
        },
        objects: [],
        failing: { service: "vias", process: "start-task" },
    },
    {
        resource: "vias:BatchTaskDeletion",
        conditions: deletions,
        inputs: { batchTaskIds: ["batch-1", "batch-2"] },
        byRule: rule,
        objects: [
            {
                service: "vias",
                kind: "batchTasks",
                objects: [
                    { id: "batch-1", task_state: "STOPPED", batch_task_name: "left-1" },
                    { id: "batch-2", task_state: "STOPPED", batch_task_name: "left-2" },
                ],
            },
        ],
        failing: { service: "vias", process: "delete-task", times: 1 },
    },
];

/** The stack's entry for the resource, as the engine would store it, made by the present code. */
export async function stateOf(what: StatefulResource, condition: Condition): Promise<Stored> {
    // Ids that the cloud gives come from the seed.
    const world = new TestWorld({ seed: what.conditions.indexOf(condition) });
    const engine = new EngineModel(world.clock, world.startProcess, 8);
    return world.run(async () => {
        const { control } = world.emulator;
        await control.seed({ objects: what.objects });
        const spoil = async () => {
            const { ids, ...process } = what.failing;
            const fail = { ...process, outcome: "fail", code: "X.0001", message: "it is in use" } as const;
            await control.seed({ outcomes: [ids === undefined ? fail : { ...fail, ids: [...ids] }] });
        };
        if (condition === "partly-failed" || condition === "allowed-to-fail") {
            await spoil();
        }
        const hasWhen = what.conditions.includes("recorded");
        const isRecorded = condition === "recorded" || condition === "rule-recorded";
        const when = hasWhen ? { when: isRecorded ? "destroy" : "create" } : {};
        const isByRule = condition === "rule-done" || condition === "rule-recorded";
        // Names of batch tasks are unique, and all recordings are torn down in one stack.
        const name = "name" in what.inputs ? { name: condition } : {};
        const allowed = condition === "allowed-to-fail" ? { allowedFailures: 1 } : {};
        const inputs = isByRule ? what.byRule : what.inputs;
        const it = { __resource: what.resource, ...inputs, ...name, ...when, ...allowed };
        const { hooks } = await engine.up({ it });
        if (condition === "stopped-for-update") {
            // Tasks that run are stopped for it, and then do not start.
            await spoil();
            await engine.up({ it: { ...it, description: "of the north gate" } });
        }
        if (condition === "back-again") {
            await control.seed({ objects: what.objects });
            await engine.refresh();
        }
        const stored = engine.resources().it;
        if (stored === undefined) {
            throw new Error(
                `${what.resource} ${condition}: the engine would keep nothing: ${JSON.stringify(hooks[0]?.result)}`,
            );
        }
        return stored;
    });
}

/** Of these the values may differ from one recording to the next, their kind may not. */
export function shapeOf(value: unknown): unknown {
    if (Array.isArray(value)) {
        return [...new Set(value.map((element) => JSON.stringify(shapeOf(element))))].sort();
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)] as const);
        return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return value === null ? "null" : typeof value;
}
