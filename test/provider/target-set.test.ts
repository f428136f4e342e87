import { z } from "zod";
import { ApiFailure, type TargetState } from "../../src/batch/api";
import type { ProcessContext } from "../../src/provider/context";
import { withoutEngine } from "../../src/provider/engine-watch";
import { noGuardLists } from "../../src/provider/guards/guard-lists";
import { createLifecycle, type Lifecycle } from "../../src/provider/lifecycle";
import { Ownership } from "../../src/provider/ownership/ownership";
import { bound } from "../../src/provider/resource-hooks";
import { Sessions } from "../../src/provider/sessions";
import { SCHEMA_VERSION } from "../../src/provider/state";
import { targetSetHooks } from "../../src/provider/target-set/hooks";
import { Throttling } from "../../src/provider/throttling";
import type { TargetSetDefinition } from "../../src/services/definition";
import { CHUNK_SIZE } from "../../src/util/chunks";
import { things } from "../batch/things";
import { VirtualClock } from "../virtual-clock";
import { listedNothing } from "./listed-nothing";

const ID = "cn-north-4/p1/0001";
const UNKNOWN = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2";

/** A cloud of things that can be deleted, and one resource over them. */
class Cloud {
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
            return new Map<string, TargetState>(
                keys.map((key) => [key, this.things.has(key) ? { is: "ready" } : { is: "settled" }]),
            );
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

describe("check", () => {
    const cloud = new Cloud();
    const failures = async (properties: Record<string, unknown>) =>
        (await cloud.lifecycle.check({}, { __resource: "test:Deletion", ...properties })).failures;

    test("sorts the targets and removes duplicates", async () => {
        expect((await cloud.inputs({ thingIds: ["b", "a", "b"], when: "create" })).thingIds).toEqual(["a", "b"]);
    });
    test("refuses a missing list, which is no empty list", async () => {
        expect(await failures({ when: "destroy" })).toEqual([
            { property: "thingIds", reason: "must be given, or matching; for no targets at all give an empty list" },
        ]);
        expect(await failures({ when: "destroy", thingIds: null })).toHaveLength(1);
        expect(await failures({ when: "destroy", thingIds: [] })).toEqual([]);
    });

    test("reports every problem at once, with its path", async () => {
        expect(
            await failures({
                thingIds: ["a", "b/../c", 7],
                timeout: "1 hour",
                when: "later",
                allowedFailures: -1,
                forse: true,
            }),
        ).toEqual([
            expect.objectContaining({ property: "forse" }),
            expect.objectContaining({ property: "timeout" }),
            expect.objectContaining({ property: "allowedFailures" }),
            expect.objectContaining({ property: "when" }),
            { property: "thingIds[1]", reason: 'a thing\'s id has letters and digits, not "b/../c"' },
            expect.objectContaining({ property: "thingIds[2]" }),
        ]);
    });
    test("requires the argument when", async () => {
        expect(await failures({ thingIds: [] })).toEqual([expect.objectContaining({ property: "when" })]);
    });
    test("refuses more than maxItems", async () => {
        expect(await failures({ thingIds: ["a", "b"], when: "create", maxItems: 1 })).toEqual([
            { property: "maxItems", reason: "2 targets are declared, and maxItems allows 1" },
        ]);
    });
    test("lets unknown values pass, and still validates the known ids beside them", async () => {
        expect(await failures({ thingIds: UNKNOWN, when: "create", instanceId: UNKNOWN })).toEqual([]);
        expect(await failures({ thingIds: ["A!", UNKNOWN], when: "create" })).toHaveLength(1);
    });
});

describe("diff", () => {
    const base = { thingIds: ["a"], when: "create", region: "cn-north-4" };
    const diffOf = async (change: Record<string, unknown>, properties: Record<string, unknown> = base) => {
        const cloud = new Cloud();
        const { outs } = await cloud.create(properties);
        const { inputs: news } = await cloud.lifecycle.check(
            {},
            { __resource: "test:Deletion", ...properties, ...change },
        );
        return cloud.lifecycle.diff("id", outs, news);
    };
    const none = { changes: false, replaces: [], deleteBeforeReplace: false };

    test("nothing changed", async () => expect(await diffOf({})).toEqual(none));
    test("another order is no change", async () =>
        expect(await diffOf({ thingIds: ["b", "a"] }, { ...base, thingIds: ["a", "b"] })).toEqual(none));
    test("another region replaces", async () =>
        expect((await diffOf({ region: "cn-east-3" })).replaces).toEqual(["region"]));
    test("an unknown region replaces", async () =>
        expect((await diffOf({ region: UNKNOWN })).replaces).toEqual(["region"]));
    test("leaving the region out keeps the stored place", async () =>
        expect(await diffOf({ region: undefined })).toEqual(none));
    test("naming the stored project is no change", async () => expect(await diffOf({ projectId: "p1" })).toEqual(none));
    test("an unknown target list updates", async () =>
        expect(await diffOf({ thingIds: UNKNOWN })).toEqual({ ...none, changes: true }));
    test("another instance replaces", async () =>
        expect((await diffOf({ instanceId: "i" })).replaces).toEqual(["instanceId"]));
    test("another timeout updates", async () =>
        expect(await diffOf({ timeout: "5m" })).toEqual({ ...none, changes: true }));
});

describe('when: "create"', () => {
    test("deletes what is there, and says so", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b", "c", "d");
        const { id, outs } = await cloud.create({ thingIds: ["a", "b", "c", "d", "x"], when: "create" });
        expect(id).toBe("cn-north-4/p1/0001");
        expect(outs).toMatchObject({
            counts: { deleted: 4, alreadyGone: 1, failed: 0, unknown: 0 },
            remaining: 0,
            open: [],
            place: { region: "cn-north-4", projectId: "p1" },
            schemaVersion: SCHEMA_VERSION,
            thingIds: ["a", "b", "c", "d", "x"],
            __provider: "code",
        });
        expect(cloud.submits.map((keys) => keys.length)).toEqual([3, 1]);
        expect(cloud.things.size).toBe(0);
    });

    test("a partial failure keeps the resource; the next up finishes with what is open", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "c");
        cloud.things.set("b", "stuck");
        const inputs = await cloud.inputs({ thingIds: ["a", "b", "c"], when: "create" });
        const error = await cloud.run(cloud.lifecycle.create(inputs)).catch((failure: unknown) => failure);
        expect(error).toMatchObject({
            id: "cn-north-4/p1/0001",
            stack: "",
            reasons: [
                "Test service things: 2 of 3 deleted, 0 already gone, 1 failed; run the same command again to go on with what is left",
                "1 thing failed: X.1 stuck fast: b",
            ],
            properties: {
                __provider: "code",
                remaining: 1,
                open: ["b"],
                failed: [{ code: "X.1", message: "stuck fast", count: 1, ids: ["b"] }],
            },
        });
        const kept = z.object({ properties: z.record(z.string(), z.unknown()) }).parse(error).properties;
        cloud.fill("a", "b");
        cloud.submits.length = 0;
        expect(await cloud.up(kept, { thingIds: ["a", "b", "c"], when: "create" })).toMatchObject({ remaining: 0 });
        // "a" exists again, but only a refresh would find it.
        expect(cloud.submits).toEqual([["b"]]);
    });

    test("allowed failures are a warning and do not fail the resource", async () => {
        const cloud = new Cloud();
        cloud.things.set("b", "stuck");
        const { outs } = await cloud.create({ thingIds: ["b"], when: "create", allowedFailures: 1 });
        expect(outs).toMatchObject({ remaining: 0, open: [], allowedToFail: ["b"], counts: { failed: 1 } });
        expect(cloud.notes.join()).toContain("1 thing failed: X.1 stuck fast: b");
        expect(cloud.notes.join()).not.toContain("run the same command again");
    });

    test("update acts only on new ids; targets that a refresh finds again are deleted again", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { outs } = await cloud.create({ thingIds: ["a"], when: "create" });
        cloud.fill("a");
        const second = await cloud.up(outs, { thingIds: ["a", "b"], when: "create" });
        expect(cloud.submits).toEqual([["a"], ["b"]]);
        if (second === "no changes") {
            throw new Error("the set has changed");
        }
        const { props } = await cloud.run(cloud.lifecycle.read("id", second));
        expect(props).toMatchObject({ remaining: 1, open: ["a"] });
        expect(await cloud.up(props, { thingIds: ["a", "b"], when: "create" })).toMatchObject({ remaining: 0 });
        expect(cloud.submits).toEqual([["a"], ["b"], ["a"]]);
    });

    test("a change of only the behaviour calls no cloud, and delete touches nothing", async () => {
        const cloud = new Cloud();
        const { outs } = await cloud.create({ thingIds: ["a"], when: "create" });
        const calls = [cloud.inspections, cloud.connects.length];
        const changed = await cloud.up(outs, { thingIds: ["a"], when: "create", timeout: "5m" });
        expect(changed).toMatchObject({ timeout: "5m", remaining: 0 });
        cloud.fill("a");
        await cloud.lifecycle.remove("id", changed === "no changes" ? {} : changed);
        expect([cloud.inspections, cloud.connects.length]).toEqual(calls);
        expect(cloud.things.has("a")).toBe(true);
    });

    test.each(["create", "destroy"])(
        "a new URN after a rename changes the outputs and calls no cloud, when: %s",
        async (when) => {
            const cloud = new Cloud();
            cloud.fill("a");
            const { outs } = await cloud.create({ thingIds: ["a"], when, __urn: "urn:before" });
            const calls = [cloud.inspections, cloud.connects.length];
            const news = { thingIds: ["a"], when, __urn: "urn:after" };
            const changed = await cloud.up(outs, news);
            expect(changed).toMatchObject({ __urn: "urn:after", remaining: when === "create" ? 0 : 1 });
            expect(await cloud.up(changed === "no changes" ? {} : changed, news)).toBe("no changes");
            expect([cloud.inspections, cloud.connects.length]).toEqual(calls);
        },
    );

    test("another goal acts on all", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        const { outs } = await cloud.create({ thingIds: ["a", "b"], when: "create" });
        cloud.fill("a", "b");
        await cloud.up(outs, { thingIds: ["a", "b"], when: "create", force: true });
        expect(cloud.submits).toEqual([["a"], ["a", "b"]]);
    });

    test('onMissing "fail": nothing is sent, nothing is recorded', async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        const inputs = await cloud.inputs({ thingIds: ["a", "x"], when: "create", onMissing: "fail" });
        const error = await cloud.run(cloud.lifecycle.create(inputs)).catch((failure: unknown) => failure);
        expect(error).not.toHaveProperty("id");
        expect(error).toMatchObject({
            message: expect.stringContaining("not found in region cn-north-4, project p1: x"),
        });
        expect(cloud.submits).toEqual([]);
    });
});

describe('when: "destroy"', () => {
    const properties = { thingIds: ["a", "b"], when: "destroy" };

    test("records at create, and deletes existing targets when the resource is deleted", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { id, outs } = await cloud.create(properties);
        expect(outs).toMatchObject({ remaining: 2, open: ["a", "b"] });
        expect(cloud.inspections).toBe(1);
        cloud.things.delete("a");
        const { props } = await cloud.run(cloud.lifecycle.read(id, outs));
        expect(props).toMatchObject({ remaining: 1, open: ["b"] });
        expect(await cloud.up(props, properties)).toBe("no changes");
        await cloud.destroy(id, props);
        expect(cloud.submits).toEqual([["b"]]);
        expect(cloud.connects.at(-1)).toEqual({ stored: { region: "cn-north-4", projectId: "p1" } });
    });

    test("an id that is dropped from the set is never deleted", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { id, outs } = await cloud.create(properties);
        const dropped = await cloud.up(outs, { thingIds: ["b"], when: "destroy" });
        await cloud.destroy(id, dropped === "no changes" ? {} : dropped);
        expect(cloud.submits).toEqual([["b"]]);
    });

    test("a failing delete names every target and has no stack trace", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        cloud.things.set("b", "stuck");
        const { id, outs } = await cloud.create(properties);
        const error = await cloud.destroy(id, outs).catch((failure: unknown) => failure);
        expect(error).toMatchObject({
            stack: "",
            message: expect.stringContaining("1 thing failed: X.1 stuck fast: b"),
        });
        expect(error).not.toHaveProperty("id");
    });

    test("a target that another resource records in the same operation is left alone: a rename deletes nothing", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b", "c");
        const old = await new Cloud().create({ thingIds: ["a", "b", "c"], when: "destroy", onMissing: "ignore" });
        await cloud.create({ ...properties, __urn: "urn:pulumi:dev::project::type::after" });
        await cloud.run(cloud.lifecycle.remove("cn-north-4/p1/0000", old.outs));
        expect(cloud.submits).toEqual([["c"]]);
        expect(cloud.notes).toEqual(["2 of 3 things left alone: this program declares them (after)"]);
    });

    test("the timeout from the environment applies at destroy", async () => {
        const cloud = new Cloud({ HUAWEICLOUD_BATCH_TIMEOUT: "soon" });
        cloud.fill("a", "b");
        const { id, outs } = await cloud.create(properties);
        await expect(cloud.destroy(id, outs)).rejects.toThrow("HUAWEICLOUD_BATCH_TIMEOUT");
    });

    test("a change to create acts on all, a change back only records", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { outs } = await cloud.create(properties);
        const acted = await cloud.up(outs, { ...properties, when: "create" });
        expect(cloud.submits).toEqual([["a", "b"]]);
        cloud.fill("a");
        expect(await cloud.up(acted === "no changes" ? {} : acted, properties)).toMatchObject({ remaining: 2 });
        expect(cloud.submits).toHaveLength(1);
    });
});

describe("missing targets", () => {
    const place = "in region cn-north-4, project p1";
    const refused = new ApiFailure({ code: "X.403", message: "no permission" }, true);
    const failing = (cloud: Cloud) => {
        cloud.inspectionFailure = refused;
        return cloud;
    };
    const failureOf = (work: Promise<unknown>) =>
        work.then(
            () => "no failure",
            (error: Error) => error.message,
        );

    test("when destroy, none exists at create: an error, and nothing is recorded", async () => {
        const cloud = new Cloud();
        const message = await failureOf(cloud.create({ thingIds: ["a", "b"], when: "destroy" }));
        expect(message).toContain(`Test service things: none of the 2 is there, ${place} (a, b): nothing was recorded`);
        expect(message).toContain('set onMissing to "ignore"');
        expect(cloud.notes).toEqual([]);
    });

    test("when destroy, some exist: a warning counts and names the missing ones, and all are recorded", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { outs } = await cloud.create({ thingIds: ["a", "b", "x", "y"], when: "destroy" });
        expect(outs).toMatchObject({ remaining: 4 });
        expect(cloud.notes).toEqual([expect.stringContaining(`2 of 4 are not there, ${place} (x, y): recorded`)]);
    });

    test("when destroy, all exist or there are no ids: no warning, and without ids no inspection", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        await cloud.create({ thingIds: ["a"], when: "destroy" });
        await cloud.create({ thingIds: [], when: "destroy" });
        expect({ notes: cloud.notes, inspections: cloud.inspections }).toEqual({ notes: [], inspections: 1 });
    });

    test("when destroy, a failed inspection is a warning, and the ids are recorded", async () => {
        const cloud = failing(new Cloud());
        const { outs } = await cloud.create({ thingIds: ["a", "b"], when: "destroy" });
        expect(outs).toMatchObject({ remaining: 2 });
        expect(cloud.notes).toEqual([expect.stringContaining("can't be seen: X.403: no permission")]);
    });

    test("when destroy, missing ids that are added later are a warning, and dropped ids are not inspected", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        const { outs } = await cloud.create({ thingIds: ["a"], when: "destroy" });
        const more = await cloud.up(outs, { thingIds: ["a", "x", "y"], when: "destroy" });
        expect(more).toMatchObject({ remaining: 3 });
        expect(cloud.notes).toEqual([expect.stringContaining(`none of the 2 is there, ${place} (x, y): recorded`)]);
        const looks = cloud.inspections;
        await cloud.up(more === "no changes" ? {} : more, { thingIds: ["a"], when: "destroy" });
        expect(cloud.inspections).toBe(looks);
    });

    test("when destroy, none exists when the resource is deleted: a warning and no failure", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "b");
        const { id, outs } = await cloud.create({ thingIds: ["a", "b"], when: "destroy" });
        cloud.things.clear();
        await cloud.destroy(id, outs);
        expect(cloud.notes).toEqual([
            expect.stringContaining(`none of the 2 is there, ${place} (a, b): they count as already gone`),
        ]);
    });

    test("when create, none exists: it goes on with a warning", async () => {
        const cloud = new Cloud();
        const { outs } = await cloud.create({ thingIds: ["a", "b"], when: "create" });
        expect(outs).toMatchObject({ counts: { alreadyGone: 2, deleted: 0 }, remaining: 0 });
        expect(cloud.notes).toEqual([
            expect.stringContaining(`none of the 2 is there, ${place} (a, b): they count as already gone`),
        ]);
    });

    test("changed to create, none of the recorded targets exists: a warning", async () => {
        const cloud = new Cloud();
        const { outs } = await cloud.create({ thingIds: ["a", "b"], when: "destroy", onMissing: "ignore" });
        expect(await cloud.up(outs, { thingIds: ["a", "b"], when: "create" })).toMatchObject({ remaining: 0 });
        expect(cloud.notes).toEqual([
            expect.stringContaining(`none of the 2 is there, ${place} (a, b): they count as already gone`),
        ]);
    });

    test("when create, one exists: no warning about those that are already gone", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        await cloud.create({ thingIds: ["a", "b"], when: "create" });
        expect(cloud.notes).toEqual([]);
    });

    test.each(["create", "destroy"] as const)(
        'onMissing "ignore" silences each warning and sends no request for it: %s',
        async (when) => {
            const cloud = new Cloud();
            const { id, outs } = await cloud.create({ thingIds: ["a", "b"], when, onMissing: "ignore" });
            const looks = cloud.inspections;
            expect(looks).toBe(when === "create" ? 1 : 0);
            await cloud.up(outs, { thingIds: ["a", "b", "c"], when, onMissing: "ignore" });
            await cloud.destroy(id, outs);
            expect(cloud.notes).toEqual([]);
        },
    );

    test('onMissing "fail": a missing target and a failed inspection are errors; at destroy they stay warnings', async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        const fails = { when: "destroy", onMissing: "fail" };
        expect(await failureOf(cloud.create({ thingIds: ["a", "x"], ...fails }))).toContain("nothing was recorded");
        expect(await failureOf(failing(new Cloud()).create({ thingIds: ["a"], ...fails }))).toContain("X.403");
        const { id, outs } = await cloud.create({ thingIds: ["a"], ...fails });
        expect(await failureOf(cloud.up(outs, { thingIds: ["a", "x"], ...fails }))).toContain("nothing was changed");
        cloud.things.clear();
        await cloud.destroy(id, outs);
        expect(cloud.notes).toEqual([expect.stringContaining("counts as already gone")]);
    });
});

test("a run that is cancelled before anything was sent fails with one line and names no ids", async () => {
    const cloud = new Cloud();
    const thingIds = Array.from({ length: 30 }, (_, n) => `t${n}`);
    cloud.fill(...thingIds);
    cloud.cancellation.abort({ is: "refused", code: "Cancelled", message: "the operation was cancelled" });
    await expect(cloud.create({ thingIds, when: "create" })).rejects.toThrow("30 things: Cancelled");
    expect({ notes: cloud.notes, submits: cloud.submits }).toEqual({ notes: [], submits: [] });
});

test("the state of a newer release is refused before anything is sent", async () => {
    const cloud = new Cloud();
    cloud.fill("a");
    const { outs } = await cloud.create({ thingIds: ["a"], when: "destroy" });
    const calls = cloud.connects.length;
    for (const hook of [
        () => cloud.lifecycle.remove("id", { ...outs, schemaVersion: SCHEMA_VERSION + 1 }),
        () => cloud.lifecycle.read("id", { ...outs, schemaVersion: SCHEMA_VERSION + 1 }),
        () => cloud.lifecycle.update("id", { ...outs, schemaVersion: SCHEMA_VERSION + 1 }, outs),
    ]) {
        await expect(hook()).rejects.toThrow("written by a newer release");
    }
    expect(cloud.connects.length).toBe(calls);
});

test("100,000 unsorted ids are checked, compared and recorded in chunks", async () => {
    const cloud = new Cloud();
    const turns = jest.spyOn(cloud.clock, "yieldToEventLoop");
    const thingIds = Array.from({ length: 100_000 }, (_, n) => `t${(n * 7_919) % 100_000}`);
    const inputs = await cloud.inputs({ thingIds, when: "destroy", onMissing: "ignore" });
    expect(inputs.thingIds).toEqual([...thingIds].sort());
    // Validated, compared with their neighbours, sorted in chunks, and each taken once.
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(4 * (100_000 / CHUNK_SIZE - 1));
    turns.mockClear();
    const { outs } = await cloud.run(cloud.lifecycle.create(inputs));
    expect(outs).toMatchObject({ remaining: 100_000 });
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(100_000 / CHUNK_SIZE - 1);
    expect(await cloud.lifecycle.diff(ID, outs, inputs)).toMatchObject({ changes: false });
    expect(await cloud.lifecycle.diff(ID, outs, { ...inputs, thingIds: thingIds.slice(1) })).toMatchObject({
        changes: true,
    });
});
