import * as pulumi from "@pulumi/pulumi";
import { clouddc, metastudio, roma, vias, workspaceapp } from "../../src/index";
import { outputsOf } from "../../src/provider/batch-task/state";
import { check } from "../../src/provider/dynamic";
import { recorded } from "../../src/provider/state";
import { Targets } from "../../src/provider/targets";
import { VirtualClock } from "../virtual-clock";

const registered: Array<Record<string, unknown>> = [];

beforeAll(async () => {
    await pulumi.runtime.setMocks({
        newResource: ({ inputs, name }) => {
            registered.push(inputs);
            return { id: name, state: inputs };
        },
        call: () => ({}),
    });
});

const place = { region: "cn-north-4", projectId: "p1", profile: "ops" };
const run = {
    ...place,
    timeout: "1h",
    stallTimeout: "10m",
    maxItems: 5,
    allowedFailures: 1,
    onMissing: "ignore" as const,
};
const deletion = { ...run, when: "destroy" as const };

const every: Required<vias.BatchTaskArgs> = {
    ...place,
    timeout: "1h",
    name: "counting",
    description: "d",
    schedule: {
        type: "weekly",
        timezone: "+08:00",
        daysOfWeek: [1, 7],
        periods: [[{ beginAt: "08:00:00", endAt: "18:00:00" }]],
    },
    batchInput: {
        videoSourceGroup: [
            { videoSourceGroupId: "g", videoSourceList: [{ videoSourceId: "v", targetRoi: "0,0,1,1" }] },
        ],
    },
    output: {
        obs: { bucket: "counts", path: "north", dataCategory: ["alarm"] },
        dis: { streamName: "s", dataCategory: ["alarm"] },
        webhook: { url: "https://example.com/hook", headers: { authorization: "s3cret" }, dataCategory: ["alarm"] },
        eventCenter: true,
    },
    config: { common: { sensitivity: 3 } },
    serviceName: "s",
    serviceVersion: "1.0.0",
    isSavedAsTemplate: false,
    resourceOrderId: "order-1",
    desiredState: "started",
    adopt: "b1",
};

/** Every argument of a variant of the arguments: those that it forbids can't be given. */
type Every<Args> = Args extends unknown
    ? { [Name in keyof Args as [Exclude<Args[Name], undefined>] extends [never] ? never : Name]-?: Args[Name] }
    : never;

const common = { names: ["web-*"], olderThan: "1d", newerThan: "30d", except: ["web-1"] };
const imageServerRule: Required<workspaceapp.ImageServerMatching> = {
    ...common,
    states: ["ACTIVE", "BUILT"],
    enterpriseProjectIds: ["0"],
    serverGroupIds: ["g"],
    imageIds: ["i"],
};
const instanceRule: Required<clouddc.InstanceMatching> = {
    ...common,
    states: ["running", "stopped"],
    tags: { stage: ["test", "trial"], team: ["web"] },
    imageIds: ["i"],
    vpcIds: ["v"],
    serverIds: ["s"],
};
const assetRule: Required<metastudio.AssetMatching> = {
    ...common,
    states: ["ACTIVED"],
    types: ["IMAGE", "VIDEO"],
    tags: ["trial"],
    systemProperties: { STYLE_ID: ["system_male_001"] },
};
const romaRule: Required<roma.AssetMatching> = {
    apps: { ...common, createdBy: ["emulator"] } satisfies Required<roma.AppMatching>,
    tasks: {
        ...common,
        states: ["stopped"],
        types: ["TIMING"],
        executeStates: ["ERROR"],
        sourceAppIds: ["a"],
        targetAppIds: ["b"],
        tags: ["t"],
    } satisfies Required<roma.FdiTaskMatching>,
};
const batchTaskRule: Required<vias.BatchTaskMatching> = {
    ...common,
    states: ["failed", "succeeded"],
    services: ["people-counting"],
    videoGroups: ["gate"],
    companies: ["emulator"],
};
const byRule = { ...deletion, onMissing: "check" as const };

/** Check accepts every argument of each class: class and schema have the same arguments. */
test.each([
    [
        "roma.AssetBatchDeletion",
        () => {
            const args: Every<roma.AssetBatchDeletionArgs> = {
                ...deletion,
                instanceId: "i",
                appIds: ["a"],
                taskIds: ["t"],
            };
            return new roma.AssetBatchDeletion("r", args);
        },
    ],
    [
        "workspaceapp.ImageServerBatchDeletion",
        () => {
            const args: Every<workspaceapp.ImageServerBatchDeletionArgs> = {
                ...deletion,
                imageServerIds: ["a"],
                recursive: true,
                enterpriseProjectId: "0",
            };
            return new workspaceapp.ImageServerBatchDeletion("r", args);
        },
    ],
    [
        "clouddc.InstanceBatchDeletion",
        () => {
            const args: Every<clouddc.InstanceBatchDeletionArgs> = { ...deletion, instanceIds: ["a"] };
            return new clouddc.InstanceBatchDeletion("r", args);
        },
    ],
    [
        "metastudio.AssetBatchDeletion",
        () => {
            const args: Every<metastudio.AssetBatchDeletionArgs> = {
                ...deletion,
                assetIds: ["a"],
                permanently: true,
            };
            return new metastudio.AssetBatchDeletion("r", args);
        },
    ],
    [
        "metastudio.AssetBatchAction",
        () => {
            const args: Every<metastudio.AssetBatchActionArgs> = {
                ...run,
                assetIds: ["a"],
                onCreate: "SHARE",
                onDestroy: "UNSHARE",
            };
            return new metastudio.AssetBatchAction("r", args);
        },
    ],
    [
        "roma.AssetBatchDeletion by a rule",
        () => new roma.AssetBatchDeletion("r", { ...byRule, instanceId: "i", matching: romaRule }),
    ],
    [
        "workspaceapp.ImageServerBatchDeletion by a rule",
        () => new workspaceapp.ImageServerBatchDeletion("r", { ...byRule, recursive: true, matching: imageServerRule }),
    ],
    [
        "clouddc.InstanceBatchDeletion by a rule",
        () => new clouddc.InstanceBatchDeletion("r", { ...byRule, matching: instanceRule }),
    ],
    [
        "metastudio.AssetBatchDeletion by a rule",
        () => new metastudio.AssetBatchDeletion("r", { ...byRule, permanently: true, matching: assetRule }),
    ],
    [
        "metastudio.AssetBatchAction by a rule",
        () =>
            new metastudio.AssetBatchAction("r", {
                ...run,
                onMissing: "check",
                onDestroy: "UNSHARE",
                matching: assetRule,
            }),
    ],
    ["vias.BatchTaskDeletion by a rule", () => new vias.BatchTaskDeletion("r", { ...byRule, matching: batchTaskRule })],
    ["vias.BatchTask", () => new vias.BatchTask("r", every)],
    [
        "vias.BatchTaskDeletion",
        () => {
            const args: Every<vias.BatchTaskDeletionArgs> = { ...deletion, batchTaskIds: ["a"] };
            return new vias.BatchTaskDeletion("r", args);
        },
    ],
])("%s", async (_, create) => {
    registered.length = 0;
    const resource = create();
    await new Promise<void>((resolve) => {
        resource.urn.apply(() => resolve());
    });
    const inputs = plain(registered[0]);
    const checked = await check({}, inputs);
    expect(checked.failures ?? []).toEqual([]);
    expect(checked.inputs).toEqual(inputs);
});

test.each([
    ["roma:AssetBatchDeletion", { when: "create", appIds: ["a"] }, ["instanceId"]],
    ["vias:BatchTask", {}, ["name", "batchInput", "output", "serviceName", "serviceVersion"]],
    ["clouddc:InstanceBatchDeletion", { when: "create" }, ["instanceIds"]],
])("check of %s names the missing mandatory arguments", async (resource, args, missing) => {
    const { failures = [] } = await check({}, { __resource: resource, ...args });
    expect(failures.map(({ property }) => property).sort()).toEqual(missing.toSorted());
    for (const { reason } of failures) {
        expect(reason).toMatch(/^must be given/);
    }
});

/** A program can't read a stored property that its class does not declare. */
test("every property that a stack stores is an output of the class", async () => {
    const place = { region: "cn-north-4", projectId: "p1" };
    const facts = { id: "b1", place, children: undefined, bodyApplied: true, inDesiredState: true };
    const task = Object.keys(outputsOf({}, facts));
    expect(Object.keys(new vias.BatchTask("stored-task", every))).toEqual(expect.arrayContaining(task));
    const targets = await Targets.of([], {}, new VirtualClock());
    const deletion = new clouddc.InstanceBatchDeletion("stored-deletion", { when: "destroy", instanceIds: [] });
    expect(Object.keys(deletion)).toEqual(expect.arrayContaining(Object.keys(recorded(place, targets))));
});

/** The engine removes secret marks, because this provider does not accept secrets. */
function plain(inputs: Record<string, unknown> = {}): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [name, pulumi.runtime.unwrapRpcSecret(value)]),
    );
}
