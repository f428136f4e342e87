import * as pulumi from "@pulumi/pulumi";
import { clouddc, metastudio, roma, vias, workspaceapp } from "../../src/index";

interface Registration {
    readonly type: string;
    readonly name: string;
    readonly inputs: Readonly<Record<string, unknown>>;
}

const registered: Registration[] = [];
const warned: string[] = [];

beforeAll(async () => {
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) => {
                registered.push({ type, name, inputs });
                return { id: `${name}-id`, state: { ...inputs, remaining: 3 } };
            },
            call: () => ({}),
        },
        "shop",
        "prod",
    );
});

beforeEach(() => {
    registered.length = 0;
    warned.length = 0;
    jest.spyOn(pulumi.log, "warn").mockImplementation(async (message) => {
        warned.push(message);
    });
});

afterEach(() => {
    jest.restoreAllMocks();
});

/** The registration of a resource at the engine. */
async function registrationOf(resource: pulumi.Resource): Promise<Registration> {
    const urn = await value(resource.urn);
    const registration = registered.find(({ name }) => urn?.endsWith(`::${name}`));
    if (registration === undefined) {
        throw new Error(`${urn} was not registered`);
    }
    return registration;
}

function value<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => {
        output.apply(resolve);
    });
}

const WHEN = "destroy" as const;
const output = { webhook: { url: "https://example.com", headers: { authorization: "s3cret" } } };
const body = { name: "b", serviceName: "s", serviceVersion: "1.0", batchInput: { videoSourceGroup: [] }, output };

test.each([
    ["roma:AssetBatchDeletion", roma.AssetBatchDeletion],
    ["workspaceapp:ImageServerBatchDeletion", workspaceapp.ImageServerBatchDeletion],
    ["clouddc:InstanceBatchDeletion", clouddc.InstanceBatchDeletion],
    ["metastudio:AssetBatchDeletion", metastudio.AssetBatchDeletion],
    ["metastudio:AssetBatchAction", metastudio.AssetBatchAction],
    ["vias:BatchTask", vias.BatchTask],
    ["vias:BatchTaskDeletion", vias.BatchTaskDeletion],
])(
    "a program in JavaScript that gives %s no arguments gets the failures of check, not a TypeError",
    async (title, make) => {
        for (const [name, ...args] of [["none"], ["undefined", undefined], ["null", null]]) {
            const made: pulumi.Resource = Reflect.construct(make, [name, ...args]);
            expect((await registrationOf(made)).inputs.__resource).toBe(title);
        }
    },
);

describe("type tokens never change, because states keep them", () => {
    test.each([
        [
            "roma:AssetBatchDeletion",
            () => new roma.AssetBatchDeletion("r", { when: WHEN, instanceId: "i", appIds: ["a"] }),
        ],
        [
            "workspaceapp:ImageServerBatchDeletion",
            () => new workspaceapp.ImageServerBatchDeletion("r", { when: WHEN, imageServerIds: ["a"] }),
        ],
        [
            "clouddc:InstanceBatchDeletion",
            () => new clouddc.InstanceBatchDeletion("r", { when: WHEN, instanceIds: ["a"] }),
        ],
        [
            "metastudio:AssetBatchDeletion",
            () => new metastudio.AssetBatchDeletion("r", { when: WHEN, assetIds: ["a"] }),
        ],
        ["metastudio:AssetBatchAction", () => new metastudio.AssetBatchAction("r", { assetIds: ["a"] })],
        ["vias:BatchTask", () => new vias.BatchTask("r", body)],
        ["vias:BatchTaskDeletion", () => new vias.BatchTaskDeletion("r", { when: WHEN, batchTaskIds: ["a"] })],
    ])("%s", async (resource, create) => {
        const { type, inputs } = await registrationOf(create());
        expect(type).toBe(`pulumi-nodejs:dynamic/huaweicloud-batch/${resource}`);
        expect(inputs.__resource).toBe(resource);
        expect(inputs.__urn).toBe(`urn:pulumi:prod::shop::${type}::r`);
    });
});

describe("inputs and outputs", () => {
    test("arguments are passed on unchanged, and the caller's object is not changed", async () => {
        const args = { when: WHEN, instanceIds: ["a", "b"], maxItems: 5, region: "cn-east-3" };
        const { inputs } = await registrationOf(new clouddc.InstanceBatchDeletion("r", args));
        expect(inputs).toMatchObject(args);
        expect(Object.keys(args)).toEqual(["when", "instanceIds", "maxItems", "region"]);
    });

    test("all resources hold the same provider text", async () => {
        const one = await registrationOf(new clouddc.InstanceBatchDeletion("one", { when: WHEN, instanceIds: [] }));
        const two = await registrationOf(new vias.BatchTask("two", body));
        expect(one.inputs.__provider).toMatch(/pulumi-huaweicloud-batch\/provider/);
        expect(two.inputs.__provider).toBe(one.inputs.__provider);
    });

    test("the provider's outputs are outputs of the class, and none is sent as an input", async () => {
        const deletion = new clouddc.InstanceBatchDeletion("r", { when: WHEN, instanceIds: ["a"] });
        expect(await value(deletion.remaining)).toBe(3);
        const { inputs } = await registrationOf(deletion);
        for (const name of ["place", "counts", "remaining", "open", "failed", "failedMore", "jobs", "jobsMore"]) {
            expect(Reflect.get(deletion, name)).toBeDefined();
            expect(inputs).not.toHaveProperty(name);
        }
    });

    test("a child's URN names its parent, and siblings do not wait for each other because of it", async () => {
        const parent = new pulumi.ComponentResource("shop:index:Shelf", "shelf");
        const args = { when: WHEN, instanceIds: ["a"] };
        const one = new clouddc.InstanceBatchDeletion("one", args, { parent });
        const two = new clouddc.InstanceBatchDeletion("two", args, { parent });
        const type = "shop:index:Shelf$pulumi-nodejs:dynamic/huaweicloud-batch/clouddc:InstanceBatchDeletion";
        expect((await registrationOf(one)).inputs.__urn).toBe(`urn:pulumi:prod::shop::${type}::one`);
        expect((await registrationOf(two)).inputs.__urn).toBe(`urn:pulumi:prod::shop::${type}::two`);
    });

    test("a batch task's output is secret as an input and in the state", async () => {
        const task = new vias.BatchTask("r", body);
        expect(await pulumi.isSecret(task.output)).toBe(true);
        expect(await pulumi.isSecret(task.serviceName)).toBe(false);
    });
});

describe("customTimeouts", () => {
    const customTimeouts = { create: "1m", update: "2m", delete: "3m" };
    test.each([
        ["create", customTimeouts, undefined, "1m"],
        ["create", { update: "2m", delete: "3m" }, undefined, "2m"],
        ["create", { delete: "3m" }, undefined, undefined],
        ["destroy", customTimeouts, undefined, "3m"],
        ["destroy", { create: "1m" }, undefined, undefined],
        ["destroy", customTimeouts, "9m", "9m"],
        ["destroy", undefined, undefined, undefined],
    ] as const)("when %s, %j and timeout %s: %s", async (moment, timeouts, timeout, expected) => {
        const options = timeouts === undefined ? {} : { customTimeouts: timeouts };
        const args = { when: pulumi.output(moment), instanceIds: ["a"], timeout };
        const { inputs } = await registrationOf(new clouddc.InstanceBatchDeletion("r", args, options));
        expect(inputs.timeout).toBe(expected);
    });

    test.each([
        [customTimeouts, "3m"],
        [{ create: "90m", delete: "1h" }, "90m"],
        [{ create: "90m", delete: "soon" }, "soon"],
        [{}, undefined],
    ])("if create and delete both act, the longest timeout applies: %j", async (timeouts, expected) => {
        const { inputs } = await registrationOf(new vias.BatchTask("r", body, { customTimeouts: timeouts }));
        expect(inputs.timeout).toBe(expected);
    });
});

describe("options that have another meaning here", () => {
    test("import and id are refused with the reason and the alternative, and nothing is registered", () => {
        const deletion = { when: WHEN, instanceIds: ["a"] };
        expect(() => new clouddc.InstanceBatchDeletion("r", deletion, { import: "x" })).toThrow(
            /clouddc:InstanceBatchDeletion "r": the option "import" can't be used\..*declare the ids/,
        );
        expect(() => new clouddc.InstanceBatchDeletion("r", deletion, { id: "x" })).toThrow(/option "id"/);
        expect(() => new vias.BatchTask("r", body, { import: "x" })).toThrow(/"adopt"/);
        expect(registered).toEqual([]);
    });

    test.each([
        [
            "a deletion at destroy",
            true,
            () => new clouddc.InstanceBatchDeletion("r", { when: WHEN, instanceIds: [] }, { retainOnDelete: true }),
        ],
        [
            "a deletion at create",
            false,
            () => new clouddc.InstanceBatchDeletion("r", { when: "create", instanceIds: [] }, { retainOnDelete: true }),
        ],
        [
            "a deletion without the option",
            false,
            () => new clouddc.InstanceBatchDeletion("r", { when: WHEN, instanceIds: [] }),
        ],
        [
            "an action on destroy",
            true,
            () =>
                new metastudio.AssetBatchAction("r", { assetIds: [], onDestroy: "UNSHARE" }, { retainOnDelete: true }),
        ],
        [
            "an action on create",
            false,
            () => new metastudio.AssetBatchAction("r", { assetIds: [], onCreate: "SHARE" }, { retainOnDelete: true }),
        ],
        ["a batch task", false, () => new vias.BatchTask("r", body, { retainOnDelete: true })],
    ])("retainOnDelete on %s: warned %s", async (_, expected, create) => {
        await registrationOf(create());
        await new Promise((resolve) => setImmediate(resolve));
        expect(warned).toEqual(expected ? [expect.stringMatching(/^retainOnDelete: .*nothing is deleted/)] : []);
    });
});
