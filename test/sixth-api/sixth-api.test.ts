import * as pulumi from "@pulumi/pulumi";
import { configurationProblem, unknownVariables } from "../../src/cloud/settings/known";
import * as face from "../../src/index";
import type { CallContext } from "../../src/provider/call";
import { noRecord } from "../../src/provider/call-record";
import type { ProcessContext } from "../../src/provider/context";
import { withoutEngine } from "../../src/provider/engine-watch";
import { noGuardLists } from "../../src/provider/guards/guard-lists";
import type { Properties } from "../../src/provider/hooks";
import { createLifecycle } from "../../src/provider/lifecycle";
import { selectTargets } from "../../src/provider/matching/select";
import { Ownership } from "../../src/provider/ownership/ownership";
import { hooksOf } from "../../src/provider/resource-hooks";
import { Sessions } from "../../src/provider/sessions";
import { targetSetHooks } from "../../src/provider/target-set/hooks";
import { checkTargetSet } from "../../src/provider/target-set/inputs";
import { Throttling } from "../../src/provider/throttling";
import { definitionOf, type Services, services } from "../../src/services/registry";
import { fakeCloud, here, json, keys, never, throttled } from "../cloud/fake-cloud";
import { FakeCloud } from "../services/fake-cloud";
import { VirtualClock } from "../virtual-clock";
import { StoneBatchDeletion } from "./resource";
import * as service from "./service";

/** What the registry would be with one line more. Nothing else of src knows of this service. */
const withQuarry: Services = { ...services, quarry: () => service };
const names = Object.keys(withQuarry);

const registered: Properties[] = [];

beforeAll(async () => {
    await pulumi.runtime.setMocks({
        newResource: ({ inputs, name }) => {
            registered.push(inputs);
            return { id: name, state: inputs };
        },
        call: () => ({}),
    });
});

beforeEach(() => {
    registered.length = 0;
});

/** What the class tells the engine. */
async function inputsOf(make: () => pulumi.Resource): Promise<Properties> {
    const { urn } = make();
    await new Promise((resolve) => {
        urn.apply(resolve);
    });
    const [inputs] = registered;
    if (inputs === undefined) {
        throw new Error("nothing was registered");
    }
    return inputs;
}

/** A quarry of stones, each gone three seconds after its deletion, and a provider process that works there. */
function quarryWith(ids: readonly string[], env: Record<string, string> = {}) {
    const stones = new Map<string, number>(ids.map((id) => [id, Number.POSITIVE_INFINITY]));
    const submits: string[][] = [];
    const rows: string[] = [];
    const throttling = new Throttling();
    let throttles = 0;
    const world = fakeCloud(
        [
            (request) => {
                if (throttles > 0) {
                    throttles -= 1;
                    return throttled();
                }
                const { pathname } = new URL(request.url);
                if (pathname.endsWith("/batch-delete")) {
                    const { stone_ids }: { stone_ids: string[] } = JSON.parse(request.body ?? "");
                    submits.push(stone_ids);
                    for (const id of stone_ids) {
                        stones.set(id, world.clock.now() + 3_000);
                    }
                    return json({});
                }
                const shown = [...stones].filter(([, goneAt]) => goneAt > world.clock.now());
                return json({
                    stones: shown.map(([id, goneAt]) => ({
                        id,
                        state: Number.isFinite(goneAt) ? "crumbling" : "solid",
                    })),
                });
            },
        ],
        { env: { ...keys, ...here, ...env }, services: names, onThrottled: ({ name }) => throttling.throttled(name) },
    );
    const { clock, cloud, network } = world;
    const context = (): ProcessContext => ({
        clock,
        random: () => 0.5,
        env: {},
        progress: { line: (_urn, say) => void rows.push(say()), note: () => {}, end: async () => {} },
        cancelled: never,
        throttling,
        guardLists: async () => noGuardLists,
        sessions: new Sessions(clock, () => 0.5),
        ownership: new Ownership(clock),
        connect: (request, signal) => cloud.connect(request, {}, signal),
        newId: () => "0001",
    });
    /** The provider process of one operation. */
    const newProcess = () => {
        const ofProcess = context();
        return createLifecycle(withoutEngine, (resource) => hooksOf(resource, ofProcess, withQuarry));
    };
    const throttle = (requests: number) => {
        throttles = requests;
    };
    return { clock, cloud, context, newProcess, submits, network, rows, throttle };
}

test.each(["create", "destroy"] as const)(
    "a sixth API needs a folder, a class and a line in the registry: checked, created, refreshed, updated and deleted, when %s",
    async (when) => {
        const { clock, newProcess, submits, network } = quarryWith(["a", "b", "c"]);
        const lifecycle = newProcess();
        const given = await inputsOf(() => new StoneBatchDeletion("old", { when, stoneIds: ["c", "a", "b", "a"] }));
        const { inputs, failures } = await clock.run(lifecycle.check({}, given));
        expect(failures).toEqual([]);
        const { id, outs } = await clock.run(lifecycle.create(inputs));
        const read = await clock.run(lifecycle.read(id, outs));
        expect(read.props.remaining).toBe(when === "create" ? 0 : 3);
        const news = { ...inputs, stoneIds: ["a", "b"] };
        expect(await clock.run(lifecycle.diff(id, read.props, news))).toMatchObject({ changes: true, replaces: [] });
        const updated = await clock.run(lifecycle.update(id, read.props, news));
        await clock.run(newProcess().remove(id, updated.outs));
        expect(submits.map((ids) => ids.length)).toEqual(when === "create" ? [2, 1] : [2]);
        expect(
            network.requests.every(({ url }) => url.startsWith("https://quarry.cn-north-4.myhuaweicloud.com/")),
        ).toBe(true);
    },
);

test("another face gives its own calls: their URN, their time, their cancellation, their log and row", async () => {
    const { clock, context } = quarryWith(["a", "b", "c"]);
    const definition = definitionOf("quarry:StoneBatchDeletion", withQuarry);
    if (definition === undefined) {
        throw new Error("not registered");
    }
    const hooks = targetSetHooks(definition, context());
    const rows: string[] = [];
    const call: CallContext = {
        urn: "urn:of-the-request",
        timeout: () => ({ ms: 2_000, text: "2s", source: "customTimeouts", stallMs: undefined }),
        began: clock.now(),
        cancelled: never,
        log: () => {},
        record: noRecord,
        row: (say) => void rows.push(say()),
    };
    const inputs = {
        __resource: "quarry:StoneBatchDeletion",
        when: "create",
        stoneIds: ["a", "b", "c"],
        timeout: "1h",
    };
    const created = clock.run(hooks.create(inputs, call));
    await expect(created).rejects.toThrow("not settled within 2s (customTimeouts)");
    expect(rows.at(-1)).toContain("3 unknown");
});

test("a refresh that is throttled says so in its row, and one that is not says nothing", async () => {
    const { clock, newProcess, rows, throttle } = quarryWith(["a", "b"]);
    const inputs = { __resource: "quarry:StoneBatchDeletion", when: "destroy", stoneIds: ["a", "b"] };
    const { id, outs } = await clock.run(newProcess().create(inputs));
    await clock.run(newProcess().read(id, outs));
    expect(rows).toEqual([]);
    throttle(3);
    await clock.run(newProcess().read(id, outs));
    expect(rows).toHaveLength(3);
    expect(rows.at(-1)).toMatch(/^waiting: Quarry throttles requests, 0:\d\d$/);
});

test("once a hook has a line of its own, a throttle does not replace it", async () => {
    const { clock, newProcess, rows, throttle } = quarryWith(["a", "b"]);
    const inputs = { __resource: "quarry:StoneBatchDeletion", when: "create", stoneIds: ["a", "b"] };
    const created = newProcess().create(inputs);
    await clock.run(clock.sleep(1_000));
    expect(rows.at(-1)).toContain("0/2 deleted");
    const shown = rows.length;
    throttle(2);
    await clock.run(created);
    expect(rows.slice(shown).filter((row) => row.startsWith("waiting"))).toEqual([]);
});

test("check refuses its malformed ids by name", async () => {
    const { clock, newProcess } = quarryWith([]);
    const given = await inputsOf(() => new StoneBatchDeletion("old", { when: "create", stoneIds: ["NO"] }));
    const { failures } = await clock.run(newProcess().check({}, given));
    expect(failures).toEqual([{ property: "stoneIds[0]", reason: expect.stringContaining("must be a stone id") }]);
});

test("its endpoint can be set, in the environment and in stack configuration, and is judged before anything is sent", async () => {
    const config = { "huaweicloud-batch:endpointQuarry": "http://localhost:1" };
    const env = { HUAWEICLOUD_BATCH_ENDPOINT_QUARRY: "http://localhost:2" };
    expect(configurationProblem(config, names)).toBeUndefined();
    expect(unknownVariables(env, names)).toBeUndefined();
    expect(configurationProblem(config, Object.keys(services))).toContain("endpointQuarry is not known");
    expect(unknownVariables(env, Object.keys(services))).toContain("HUAWEICLOUD_BATCH_ENDPOINT_QUARRY");
    const { cloud } = quarryWith([], { HUAWEICLOUD_BATCH_ENDPOINT_QUARRY: "http://quarry.example.com" });
    await expect(cloud.connect({}, {}, never)).rejects.toThrow(
        "HUAWEICLOUD_BATCH_ENDPOINT_QUARRY must begin with https://",
    );
    const sdk = quarryWith([], { HUAWEICLOUD_SDK_REGION_QUARRY_CN_NORTH_4: "https://quarry.example.com" });
    await expect(sdk.cloud.connect({}, {}, never)).rejects.toThrow("HUAWEICLOUD_SDK_REGION_QUARRY_CN_NORTH_4");
});

test("the public face has a namespace for each service of the registry, and no other", () => {
    const namespaces = Object.entries(face).flatMap(([name, value]) => (typeof value === "object" ? [name] : []));
    expect(namespaces.sort()).toEqual(Object.keys(services).sort());
});

test("every definition of the registry bears the name of its service", () => {
    for (const [name, load] of Object.entries(services)) {
        for (const { resource, service: of } of load().definitions) {
            expect([resource.split(":")[0], of.name]).toEqual([name, name]);
        }
    }
});

test("a rule chooses among its stones by the columns of its list, and check knows the criteria", async () => {
    const stones = [
        { id: "s1", state: "lying", colour: "grey", created: "2020-01-01T00:00:00Z" },
        { id: "s2", state: "lying", colour: "red", created: "2020-01-01T00:00:00Z" },
        { id: "s3", state: "crumbling", colour: "grey" },
    ];
    const cloud = new FakeCloud(service.quarry, () => ({ body: { stones } }));
    const definition = definitionOf("quarry:StoneBatchDeletion", withQuarry);
    if (definition === undefined) {
        throw new Error("the registry has no such resource");
    }
    const matching = { colours: ["grey"], olderThan: "1d" };
    const { keys: matched, listed } = await selectTargets(definition, cloud, { matching }, { now: Date.now() }, never);
    expect([matched, listed]).toEqual([["s1"], 3]);
    const clock = new VirtualClock();
    const check = (rule: object) => checkTargetSet(definition, { when: "destroy", maxItems: 5, matching: rule }, clock);
    expect((await check(matching)).failures).toEqual([]);
    expect((await check({ states: ["lying", "crumbling"] })).failures).toHaveLength(1);
    expect((await check({ colors: ["grey"] })).failures).toMatchObject([
        { property: "matching.colors", reason: expect.stringContaining("did you mean colours?") },
    ]);
});
