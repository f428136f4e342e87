import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { z } from "zod";
import { ApiFailure, type BatchApi, type TargetState } from "../../src/batch/api";
import type { ProcessContext } from "../../src/provider/context";
import { withoutEngine } from "../../src/provider/engine-watch";
import { type GuardLists, noGuardLists } from "../../src/provider/guards/guard-lists";
import { KeepList, keepRulesOfConfiguration } from "../../src/provider/guards/keep-list";
import { createLifecycle, type Lifecycle } from "../../src/provider/lifecycle";
import { Ownership } from "../../src/provider/ownership/ownership";
import { bound } from "../../src/provider/resource-hooks";
import { Sessions } from "../../src/provider/sessions";
import { targetSetHooks } from "../../src/provider/target-set/hooks";
import { Throttling } from "../../src/provider/throttling";
import type { TargetSetDefinition } from "../../src/services/definition";
import type { ListedKind } from "../../src/services/listed-kind";
import { CANCELLED } from "../../src/util/cancellation";
import { things } from "../batch/things";
import { VirtualClock } from "../virtual-clock";

const ID = "cn-north-4/p1/0001";
const HOUR = 3_600_000;

interface Thing {
    readonly name: string;
    readonly createdAt?: number;
    /** "stuck": its deletion fails. "ended": listed, and in the goal state. "vanishing": listed, and gone when it is inspected. */
    readonly is?: "stuck" | "ended" | "vanishing";
}

const outputsSchema = z.object({
    counts: z.record(z.string(), z.number()),
    remaining: z.number(),
    open: z.array(z.string()),
    allowedToFail: z.array(z.string()),
    lookPending: z.literal(true).optional(),
});

type Properties = Readonly<Record<string, unknown>>;

/** A cloud of things with a list, and one resource over those that a rule matches. */
class Cloud {
    readonly things = new Map<string, Thing>();
    readonly submits: string[][] = [];
    readonly clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) });
    readonly notes: string[] = [];
    readonly rows: string[] = [];
    readonly connects: unknown[] = [];
    cancellation = new AbortController();
    looks = 0;
    /** What happens when the list is read for the n-th time, counted from 1. */
    onLook: (n: number) => void = () => {};
    onSubmit: (n: number) => void = () => {};
    guardLists: GuardLists = noGuardLists;
    lifecycle: Lifecycle;

    constructor(private readonly perRequest = 3) {
        this.lifecycle = this.newProcess();
    }

    /** Another process, as each operation has its own. */
    newProcess(): Lifecycle {
        const cancelled = this.cancellation.signal;
        const context: ProcessContext = {
            clock: this.clock,
            random: () => 0.5,
            env: {},
            progress: {
                line: (_urn, say) => this.rows.push(say()),
                note: (_urn, severity, text) => this.notes.push(`${severity}: ${text}`),
                end: async () => {},
            },
            cancelled,
            throttling: new Throttling(),
            sessions: new Sessions(this.clock, () => 0.5, cancelled),
            ownership: new Ownership(this.clock),
            guardLists: async () => this.guardLists,
            connect: async (request) => {
                this.connects.push(request);
                const place = request.stored ?? { region: "cn-north-4", projectId: "p1" };
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

    private readonly api = (): BatchApi => ({ ...this.calls, perRequest: this.perRequest });

    private readonly calls = things({
        inspect: async (keys) => {
            await this.clock.sleep(10);
            return new Map(keys.map((key) => [key, this.stateOf(key)]));
        },
        submit: async (keys) => {
            this.submits.push([...keys]);
            await this.clock.sleep(10);
            const failed = new Map(
                keys.flatMap((key) =>
                    this.things.get(key)?.is === "stuck"
                        ? [[key, { code: "X.1", message: "stuck fast" }] as const]
                        : [],
                ),
            );
            for (const key of keys.filter((each) => !failed.has(each))) {
                this.things.delete(key);
            }
            this.onSubmit(this.submits.length);
            return { is: "accepted", failed };
        },
    });

    private stateOf(key: string): TargetState {
        const thing = this.things.get(key);
        switch (thing?.is) {
            case "ended":
                return { is: "settled", shown: true };
            case "vanishing":
                return { is: "impossible", absent: true, problem: { code: "X.404", message: "no such thing" } };
            default:
                return thing === undefined ? { is: "settled" } : { is: "ready", facts: { name: thing.name } };
        }
    }

    private readonly listed: ListedKind = {
        noun: "things",
        criteria: {},
        list: async ({ signal }, show) => {
            this.looks += 1;
            this.onLook(this.looks);
            await this.clock.sleep(5, signal);
            for (const [id, { name, createdAt }] of this.things) {
                const facts =
                    createdAt === undefined
                        ? { name }
                        : { name, createdAt: { earliest: createdAt, latest: createdAt } };
                show({ id, name, states: [], facts, shown: {} });
            }
        },
        mayNotShow: () => undefined,
    };

    definition: TargetSetDefinition = {
        resource: "test:Deletion",
        service: {
            name: "test",
            title: "Test service",
            hostLabels: { default: "test" },
            authenticationCodes: [],
            permissionCodes: [],
            busyCodes: [],
        },
        noun: ["thing", "things"],
        targets: [{ input: "thingIds", id: z.string().regex(/^[a-z0-9]+$/), listed: this.listed }],
        inputs: {},
        placeInputs: [],
        goalInputs: [],
        hasWhen: true,
        hasEnterpriseProject: false,
        acts: () => {
            const act = { variant: "", api: this.api };
            return { onCreate: act, onDestroy: act };
        },
    };

    fill(prefix: string, count: number, more: Partial<Thing> = {}): string[] {
        const ids = Array.from({ length: count }, (_, n) => `${prefix}${String(n).padStart(6, "0")}`);
        for (const [n, id] of ids.entries()) {
            this.things.set(id, { name: `${prefix}-${n}`, ...more });
        }
        return ids;
    }

    async inputs(properties: Properties): Promise<Properties> {
        const when = this.definition.hasWhen ? { when: "create" } : {};
        const given = { __resource: "test:Deletion", __provider: "code", ...when, ...properties };
        const { inputs, failures } = await this.lifecycle.check({}, given);
        expect(failures).toEqual([]);
        return inputs;
    }

    async create(properties: Properties) {
        this.newProcess();
        const inputs = await this.inputs(properties);
        const { id, outs } = await this.clock.run(() => this.lifecycle.create(inputs));
        return { id, outs, stored: outputsSchema.parse(outs) };
    }

    /** What the engine keeps of a create or update that fails; the reasons are the user's. */
    async kept(work: Promise<unknown>) {
        const error = await work.then(
            () => {
                throw new Error("it did not fail");
            },
            (failure: unknown) => failure,
        );
        const { properties, reasons } = z
            .object({ properties: z.record(z.string(), z.unknown()), reasons: z.array(z.string()) })
            .parse(error);
        return { outs: properties, stored: outputsSchema.parse(properties), reasons };
    }

    /** As the engine: diff, then update if diff says so. */
    async up(olds: Properties, properties: Properties) {
        this.newProcess();
        const news = await this.inputs(properties);
        const { changes, replaces } = await this.lifecycle.diff(ID, olds, news);
        expect(replaces).toEqual([]);
        if (!changes) {
            return "no changes";
        }
        const { outs } = await this.clock.run(() => this.lifecycle.update(ID, olds, news));
        return { outs, stored: outputsSchema.parse(outs) };
    }

    async refresh(outs: Properties) {
        this.newProcess();
        const { props } = await this.clock.run(() => this.lifecycle.read(ID, outs));
        return { outs: props, stored: outputsSchema.parse(props) };
    }

    destroy(outs: Properties): Promise<void> {
        this.newProcess();
        return this.clock.run(() => this.lifecycle.remove(ID, outs));
    }

    submitted(): readonly string[] {
        return this.submits.flat().sort();
    }
}

/** Bytes, all garbage collected. */
function inUse(): number {
    setFlagsFromString("--expose-gc");
    const gc: unknown = runInNewContext("gc");
    Reflect.apply(Object(gc), undefined, []);
    return process.memoryUsage().heapUsed;
}

const tmp = { matching: { names: ["tmp-*"] }, maxItems: 100 };

function updated(answer: Awaited<ReturnType<Cloud["up"]>>) {
    if (answer === "no changes") {
        throw new Error("no changes");
    }
    return answer;
}

describe('when: "create"', () => {
    test("deletes everything that matches, and nothing else; the state holds counts, no list of ids", async () => {
        const cloud = new Cloud();
        const ids = cloud.fill("tmp", 30);
        cloud.fill("live", 3);
        const { outs, stored } = await cloud.create(tmp);
        expect(cloud.submitted()).toEqual(ids);
        expect(cloud.things.size).toBe(3);
        expect(stored).toMatchObject({ counts: { deleted: 30, alreadyGone: 0, failed: 0 }, remaining: 0, open: [] });
        expect(outs).toMatchObject({ matching: { names: ["tmp-*"] } });
        expect(JSON.stringify(outs)).not.toContain(ids[0]);
    });

    test("100,000 matches: look, run and second look keep less than 60 MiB in use, and the state stays as small", async () => {
        const cloud = new Cloud(1_000);
        cloud.fill("tmp", 100_000);
        const before = inUse();
        let most = 0;
        const measure = () => {
            most = Math.max(most, inUse() - before);
        };
        cloud.onLook = measure;
        cloud.onSubmit = (n) => (n % 20 === 0 ? measure() : undefined);
        const { outs, stored } = await cloud.create({ ...tmp, maxItems: 100_000 });
        expect(stored).toMatchObject({ counts: { deleted: 100_000 }, remaining: 0 });
        expect(cloud.looks).toBe(2);
        expect(JSON.stringify(outs).length).toBeLessThan(1_000);
        expect(most / 1_048_576).toBeLessThan(60);
    }, 60_000);

    test("olderThan counts when it acts: a thing that is too young then lives, a later refresh finds it and the next up deletes it", async () => {
        const cloud = new Cloud();
        const now = cloud.clock.now();
        const [old = ""] = cloud.fill("old", 1, { createdAt: now - 3 * HOUR });
        const [young = ""] = cloud.fill("young", 1, { createdAt: now - 1.5 * HOUR });
        cloud.fill("ageless", 1);
        const rule = { matching: { olderThan: "2h" }, maxItems: 5 };
        const made = await cloud.create(rule);
        expect(cloud.submitted()).toEqual([old]);
        await cloud.clock.run(() => cloud.clock.sleep(HOUR));
        const { outs, stored } = await cloud.refresh(made.outs);
        expect(stored).toMatchObject({ remaining: 1, open: [young] });
        await cloud.up(outs, rule);
        expect(cloud.submitted()).toEqual([old, young]);
    });

    test("what appears while the run goes on is deleted too, until a look shows nothing new; each target has one outcome", async () => {
        const cloud = new Cloud();
        const first = cloud.fill("tmp", 3);
        const late: string[] = [];
        cloud.onSubmit = (n) => {
            late.push(...(n <= 2 ? cloud.fill(`tmp${n}x`, n, { name: "tmp-late" }) : []));
        };
        const { stored } = await cloud.create(tmp);
        expect(cloud.submitted()).toEqual([...first, ...late].sort());
        expect(stored).toMatchObject({ counts: { deleted: 6, failed: 0, unknown: 0 }, remaining: 0 });
        expect(cloud.looks).toBe(4);
        expect(cloud.notes).toContainEqual(expect.stringContaining("1 more thing matches by now"));
    });

    test("maxItems counts what appears meanwhile too; what is above it is named, and no further look is made", async () => {
        const cloud = new Cloud();
        cloud.fill("tmp", 3);
        cloud.onSubmit = () => {
            cloud.fill(`tmp${cloud.submits.length}x`, 2, { name: "tmp-late" });
        };
        const { stored, reasons } = await cloud.kept(cloud.create({ ...tmp, maxItems: 4 }));
        expect(cloud.submitted()).toHaveLength(4);
        expect(stored).toMatchObject({ counts: { deleted: 4, failed: 1 }, remaining: 1 });
        expect(reasons.join("\n")).toContain("MaxItems");
        expect(cloud.looks).toBe(2);
    });

    test("a first look that fails is an error, nothing is sent, and nothing is kept in the state", async () => {
        const cloud = new Cloud();
        cloud.fill("tmp", 3);
        cloud.onLook = () => {
            throw new ApiFailure({ code: "ListIncomplete", message: "the list does not go on" }, true);
        };
        await expect(cloud.create(tmp)).rejects.toThrow("ListIncomplete: the list does not go on");
        expect(cloud.submits).toEqual([]);
    });

    test("a later look that fails makes the resource fail, and is not forgotten: the next up looks again, also after a refresh of nothing", async () => {
        const cloud = new Cloud();
        const ids = cloud.fill("tmp", 2);
        cloud.onLook = (n) => {
            if (n === 2) {
                throw new ApiFailure({ code: "X.500", message: "list broken" }, true);
            }
        };
        const { outs, stored, reasons } = await cloud.kept(cloud.create(tmp));
        expect(stored).toMatchObject({ counts: { deleted: 2 }, remaining: 0, lookPending: true });
        expect(reasons.join("\n")).toContain("whether more match by now is not known: X.500: list broken");
        const late = cloud.fill("tmpx", 1, { name: "tmp-late" });
        const after = updated(await cloud.up(outs, tmp));
        expect(cloud.submitted()).toEqual([...ids, ...late]);
        expect(after.stored).toMatchObject({ remaining: 0 });
        expect(after.stored.lookPending).toBeUndefined();
        expect(await cloud.up(after.outs, tmp)).toBe("no changes");
    });

    test("a look that is cancelled says so, and nothing more is sent", async () => {
        const cloud = new Cloud();
        cloud.fill("tmp", 2);
        cloud.onLook = (n) => {
            if (n === 2) {
                cloud.cancellation.abort(CANCELLED);
            }
        };
        const { stored, reasons } = await cloud.kept(cloud.create(tmp));
        expect(stored).toMatchObject({ counts: { deleted: 2 }, lookPending: true });
        expect(reasons.join("\n")).toContain("Cancelled");
    });

    test("the deadline ends the looks", async () => {
        const cloud = new Cloud();
        cloud.fill("tmp", 1);
        cloud.onSubmit = () => {
            cloud.fill(`tmp${cloud.submits.length}x`, 1, { name: "tmp-late" });
        };
        const began = cloud.clock.now();
        const { reasons } = await cloud.kept(cloud.create({ ...tmp, maxItems: 1_000_000, timeout: "30s" }));
        expect(cloud.clock.now() - began).toBeLessThanOrEqual(31_000);
        expect(reasons.join("\n")).toMatch(/Timeout/);
    });

    test("a refresh counts what matches now and names the first 100; diff asks nothing; the next up acts, and then all is as declared", async () => {
        const cloud = new Cloud();
        const made = await cloud.create({ ...tmp, onMissing: "ignore" });
        expect(await cloud.up(made.outs, { ...tmp, onMissing: "ignore" })).toBe("no changes");
        const ids = cloud.fill("tmp", 250);
        cloud.fill("live", 1);
        const looks = cloud.looks;
        const { outs, stored } = await cloud.refresh(made.outs);
        expect(cloud.looks).toBe(looks + 1);
        expect(stored).toMatchObject({ remaining: 250, open: ids.slice(0, 100) });
        const after = updated(await cloud.up(outs, { ...tmp, maxItems: 300, onMissing: "ignore" }));
        expect(cloud.submitted()).toEqual(ids);
        expect(after.stored).toMatchObject({ counts: { deleted: 250 }, remaining: 0 });
    });

    test("what matches and is in the goal state already is no drift, and is counted as already gone by a run", async () => {
        const cloud = new Cloud();
        cloud.fill("tmp", 2, { is: "ended" });
        const { outs, stored } = await cloud.create(tmp);
        expect(stored).toMatchObject({ counts: { deleted: 0, alreadyGone: 2 } });
        expect((await cloud.refresh(outs)).stored).toMatchObject({ remaining: 0, open: [] });
        expect(cloud.submits).toEqual([]);
    });

    test("a change of only the run's limits asks the cloud nothing", async () => {
        const cloud = new Cloud();
        cloud.fill("live", 1);
        const { outs } = await cloud.create(tmp);
        cloud.fill("tmp", 1);
        const [looks, connects] = [cloud.looks, cloud.connects.length];
        const { stored } = updated(await cloud.up(outs, { ...tmp, timeout: "5m" }));
        expect([cloud.looks, cloud.connects.length]).toEqual([looks, connects]);
        expect(stored).toMatchObject({ remaining: 0 });
    });

    test("another rule, ids instead of a rule, and a rule instead of ids are each acted on", async () => {
        const cloud = new Cloud();
        const [a, b, c, d] = ["a", "b", "c", "d"].map((prefix) => cloud.fill(prefix, 2));
        const rule = (...names: string[]) => ({ matching: { names }, maxItems: 10 });
        let { outs } = await cloud.create(rule("a-*"));
        ({ outs } = updated(await cloud.up(outs, rule("b-*"))));
        ({ outs } = updated(await cloud.up(outs, { thingIds: c })));
        expect(cloud.submitted()).toEqual([...(a ?? []), ...(b ?? []), ...(c ?? [])]);
        ({ outs } = updated(await cloud.up(outs, rule("d-*"))));
        expect(cloud.submitted()).toEqual([...(a ?? []), ...(b ?? []), ...(c ?? []), ...(d ?? [])]);
        expect(outs.thingIds ?? []).toEqual([]);
        expect(cloud.things.size).toBe(0);
    });

    test("what was allowed to fail is left alone while the rule is the same; what matches newly is acted on, and a lower number tries all again", async () => {
        const cloud = new Cloud();
        const stuck = cloud.fill("tmp", 2, { is: "stuck" });
        const allowing = { ...tmp, allowedFailures: 2 };
        const made = await cloud.create(allowing);
        expect(made.stored).toMatchObject({ counts: { failed: 2 }, remaining: 0, allowedToFail: stuck });
        expect((await cloud.refresh(made.outs)).stored).toMatchObject({ remaining: 0, allowedToFail: stuck });
        const late = cloud.fill("tmpx", 1, { name: "tmp-late" });
        const { outs, stored } = await cloud.refresh(made.outs);
        expect(stored).toMatchObject({ remaining: 1, open: late, allowedToFail: stuck });
        cloud.submits.length = 0;
        const after = updated(await cloud.up(outs, allowing));
        expect(cloud.submitted()).toEqual(late);
        expect(after.stored).toMatchObject({ counts: { deleted: 1 }, remaining: 0, allowedToFail: stuck });
        cloud.submits.length = 0;
        await cloud.kept(cloud.up(after.outs, { ...tmp, allowedFailures: 1 }));
        expect(cloud.submitted()).toEqual(stuck);
    });

    test("what is not there any more when the run inspects it matches nothing: no failure, and no outcome", async () => {
        const cloud = new Cloud();
        const [there = ""] = cloud.fill("tmp", 1);
        cloud.fill("tmpx", 1, { name: "tmp-x", is: "vanishing" });
        const { stored } = await cloud.create(tmp);
        expect(cloud.submitted()).toEqual([there]);
        expect(stored).toMatchObject({ counts: { deleted: 1, alreadyGone: 0, failed: 0 }, remaining: 0 });
    });

    test("what the keep list has is left out and counted", async () => {
        const cloud = new Cloud();
        const [kept = "", ...others] = cloud.fill("tmp", 4);
        cloud.guardLists = {
            keep: new KeepList([keepRulesOfConfiguration(kept)]),
            configurationAge: "current",
        };
        const { stored } = await cloud.create(tmp);
        expect(cloud.submitted()).toEqual(others);
        expect(stored).toMatchObject({ counts: { deleted: 3, failed: 0 }, remaining: 0 });
        expect(cloud.notes).toContainEqual(expect.stringContaining("3 things match now, 1 more is kept"));
    });

    test("a place that lists nothing of this kind is a warning with region and project, and silent by onMissing ignore", async () => {
        const cloud = new Cloud();
        await cloud.create(tmp);
        expect(cloud.notes).toEqual([
            expect.stringMatching(
                /^warning: Test service things: the list shows none at all, in region cn-north-4.*project p1/,
            ),
        ]);
        cloud.notes.length = 0;
        await cloud.create({ ...tmp, onMissing: "ignore" });
        cloud.fill("live", 1);
        await cloud.create(tmp);
        expect(cloud.notes).toEqual([]);
    });
});

describe('when: "destroy"', () => {
    const atDestroy = { ...tmp, when: "destroy" };

    test("up records the rule and shows how many match; things made after it are deleted by destroy, in the stored place, exactly those that match then", async () => {
        const cloud = new Cloud();
        const before = cloud.fill("tmp", 2);
        const { outs, stored } = await cloud.create(atDestroy);
        expect(stored).toMatchObject({ remaining: 0, open: [] });
        expect(cloud.rows).toContain("2 things match now");
        const after = cloud.fill("tmpx", 3, { name: "tmp-late" });
        const live = cloud.fill("live", 2);
        await cloud.destroy(outs);
        expect(cloud.submitted()).toEqual([...before, ...after]);
        expect([...cloud.things.keys()]).toEqual(live);
        expect(cloud.connects.at(-1)).toMatchObject({ stored: { region: "cn-north-4", projectId: "p1" } });
    });

    test("a refresh shows how many match in the row, and changes no output", async () => {
        const cloud = new Cloud();
        cloud.fill("live", 1);
        const { outs } = await cloud.create(atDestroy);
        cloud.fill("tmp", 7);
        expect((await cloud.refresh(outs)).outs).toEqual(outs);
        expect(cloud.rows).toContain("7 things match now");
        expect(await cloud.up(outs, atDestroy)).toBe("no changes");
    });

    test("what appears while the destroy goes on is deleted too", async () => {
        const cloud = new Cloud();
        const ids = cloud.fill("tmp", 2);
        const { outs } = await cloud.create(atDestroy);
        const late: string[] = [];
        cloud.onSubmit = (n) => {
            late.push(...(n === 1 ? cloud.fill("tmpx", 1, { name: "tmp-late" }) : []));
        };
        await cloud.destroy(outs);
        expect(cloud.submitted()).toEqual([...ids, ...late]);
    });

    test("a look that fails, before or after the run, fails the destroy: the resource is kept, and the next destroy ends it", async () => {
        const cloud = new Cloud();
        const ids = cloud.fill("tmp", 2);
        const { outs } = await cloud.create(atDestroy);
        for (const failing of [2, 4]) {
            cloud.onLook = (n) => {
                if (n === failing) {
                    throw new ApiFailure({ code: "X.500", message: "list broken" }, true);
                }
            };
            await expect(cloud.destroy(outs)).rejects.toThrow("X.500: list broken");
        }
        cloud.onLook = () => {};
        await cloud.destroy(outs);
        expect(cloud.submitted()).toEqual(ids);
    });

    test("nothing that matches is a warning at destroy, an empty list another one that names region and project; ignore silences both", async () => {
        const cloud = new Cloud();
        cloud.fill("live", 2);
        const { outs } = await cloud.create(atDestroy);
        await cloud.destroy(outs);
        expect(cloud.notes).toEqual([
            expect.stringMatching(/^warning: .*none of the 2 in the list matches.*nothing was done/),
        ]);
        cloud.notes.length = 0;
        cloud.things.clear();
        await cloud.destroy(outs);
        expect(cloud.notes).toEqual([
            expect.stringMatching(
                /^warning: .*the list shows none at all, in region cn-north-4.*project p1.*nothing was done there/,
            ),
        ]);
        cloud.notes.length = 0;
        await cloud.destroy({ ...outs, onMissing: "ignore" });
        expect(cloud.notes).toEqual([]);
        expect(cloud.submits).toEqual([]);
    });

    test("an up in a place that lists nothing of this kind warns and records all the same; onMissing ignore does not look", async () => {
        const cloud = new Cloud();
        await cloud.create(atDestroy);
        expect(cloud.notes).toEqual([expect.stringMatching(/^warning: .*none at all.*recorded all the same/)]);
        const looks = cloud.looks;
        await cloud.create({ ...atDestroy, onMissing: "ignore" });
        expect(cloud.looks).toBe(looks);
    });

    test("maxItems above what matches deletes that many, fails by name, and counts anew in the next destroy", async () => {
        const cloud = new Cloud();
        const ids = cloud.fill("tmp", 5);
        const { outs } = await cloud.create({ ...atDestroy, maxItems: 3 });
        await expect(cloud.destroy(outs)).rejects.toThrow("MaxItems");
        expect(cloud.submitted()).toHaveLength(3);
        await cloud.destroy(outs);
        expect(cloud.submitted()).toEqual(ids);
    });
});

describe("an action at create and at destroy", () => {
    const acting = () => {
        const cloud = new Cloud();
        cloud.definition = { ...cloud.definition, hasWhen: false };
        return cloud;
    };
    test("is done to what matches at create, never for drift, and to what matches at destroy", async () => {
        const cloud = acting();
        const ids = cloud.fill("tmp", 2);
        const { outs } = await cloud.create(tmp);
        expect(cloud.submitted()).toEqual(ids);
        const late = cloud.fill("tmpx", 2, { name: "tmp-late" });
        expect((await cloud.refresh(outs)).outs).toEqual(outs);
        expect(await cloud.up(outs, tmp)).toBe("no changes");
        await cloud.destroy(outs);
        expect(cloud.submitted()).toEqual([...ids, ...late]);
    });
});
