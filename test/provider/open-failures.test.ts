import { z } from "zod";
import { ApiFailure, type TargetState } from "../../src/batch/api";
import type { ProcessContext } from "../../src/provider/context";
import { withoutEngine } from "../../src/provider/engine-watch";
import { noGuardLists } from "../../src/provider/guards/guard-lists";
import { createLifecycle } from "../../src/provider/lifecycle";
import { Ownership } from "../../src/provider/ownership/ownership";
import { bound } from "../../src/provider/resource-hooks";
import { Sessions } from "../../src/provider/sessions";
import { targetSetHooks } from "../../src/provider/target-set/hooks";
import { Throttling } from "../../src/provider/throttling";
import type { TargetSetDefinition } from "../../src/services/definition";
import { things } from "../batch/things";
import { VirtualClock } from "../virtual-clock";
import { listedNothing } from "./listed-nothing";

const ID = "cn-north-4/p1/0001";

type Outputs = Record<string, unknown>;

/** Things of which some can't be deleted, a resource over them, and a stack that drops initialisation failures at a refresh. */
class Cloud {
    readonly there = new Set<string>();
    /** Why a thing can't be deleted, by id. */
    readonly stuck = new Map<string, { code: string; message: string; requestId?: string }>();
    readonly submits: string[][] = [];
    readonly notes: Array<{ severity: string; text: string }> = [];
    /** The failure of each inspection, or of each submit. */
    readonly refuses: {
        inspection?: ApiFailure;
        submit?: ApiFailure;
        afterSubmits?: { readonly submits: number; readonly failure: ApiFailure };
    } = {};
    readonly clock = new VirtualClock();
    private lifecycle;
    private readonly startProcess;

    constructor(hasWhen = true) {
        const api = things({
            perRequest: 1_000,
            inspect: async (keys) => {
                await this.clock.sleep(10);
                if (this.refuses.inspection !== undefined) {
                    throw this.refuses.inspection;
                }
                return new Map<string, TargetState>(
                    keys.map((key) => [
                        key,
                        this.there.has(key) ? { is: "ready", facts: { name: `name-of-${key}` } } : { is: "settled" },
                    ]),
                );
            },
            submit: async (keys) => {
                const nth = this.submits.push([...keys]);
                await this.clock.sleep(10);
                if (this.refuses.submit !== undefined) {
                    throw this.refuses.submit;
                }
                const { submits, failure } = this.refuses.afterSubmits ?? {};
                if (failure !== undefined && nth > (submits ?? 0)) {
                    // After the accepted targets have settled.
                    await this.clock.sleep(600_000);
                    throw failure;
                }
                const failed = new Map(
                    keys.flatMap((key) => {
                        const why = this.stuck.get(key);
                        return why === undefined ? [] : [[key, why] as const];
                    }),
                );
                for (const key of keys.filter((each) => !failed.has(each))) {
                    this.there.delete(key);
                }
                return { is: "accepted", failed };
            },
        });
        const definition: TargetSetDefinition = {
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
            targets: [{ input: "thingIds", id: z.string(), listed: listedNothing }],
            inputs: { force: z.boolean().default(false), recursive: z.boolean().default(false) },
            placeInputs: [],
            goalInputs: ["force"],
            hasWhen,
            hasEnterpriseProject: false,
            acts: () => ({ onCreate: { variant: "", api: () => api }, onDestroy: { variant: "", api: () => api } }),
        };
        const place = { region: "cn-north-4", projectId: "p1" };
        const context = (): ProcessContext => ({
            clock: this.clock,
            random: () => 0.5,
            env: {},
            progress: {
                line: () => {},
                note: (_urn, severity, text) => this.notes.push({ severity, text }),
                end: async () => {},
            },
            throttling: new Throttling(),
            guardLists: async () => noGuardLists,
            sessions: new Sessions(this.clock, () => 0.5),
            ownership: new Ownership(this.clock),
            connect: async () => ({
                place,
                identity: "me",
                client: (service) => ({ service, place, send: async () => Promise.reject(new Error("not used")) }),
            }),
            newId: () => "0001",
            cancelled: new AbortController().signal,
        });
        this.startProcess = () => {
            const ofProcess = context();
            const hooks = bound(targetSetHooks(definition, ofProcess), ofProcess);
            return createLifecycle(withoutEngine, () => hooks);
        };
        this.lifecycle = this.startProcess();
    }

    fill(...ids: string[]): void {
        for (const id of ids) {
            this.there.add(id);
        }
    }

    stick(ids: readonly string[], message = "stuck fast", code = "X.1"): void {
        for (const id of ids) {
            this.stuck.set(id, { code, message });
            this.there.add(id);
        }
    }

    get warnings(): string {
        return this.notes
            .filter(({ severity }) => severity === "warning")
            .map(({ text }) => text)
            .join("\n");
    }

    async create(properties: object): Promise<{ outs: Outputs; reasons?: readonly string[] }> {
        const inputs = await this.inputs(properties);
        return this.kept(this.lifecycle.create(inputs));
    }

    /** Like the engine after a refresh: an update only if diff reports changes. */
    async up(olds: Outputs, properties: object): Promise<{ outs: Outputs; reasons?: readonly string[] } | "unchanged"> {
        const news = await this.inputs(properties);
        const { changes } = await this.lifecycle.diff(ID, olds, news);
        return changes ? this.kept(this.lifecycle.update(ID, olds, news)) : "unchanged";
    }

    async refresh(outs: Outputs): Promise<Outputs> {
        return json((await this.clock.run(this.lifecycle.read(ID, outs))).props);
    }

    /** Begins another operation in another process. */
    destroy(outs: Outputs): Promise<void> {
        this.lifecycle = this.startProcess();
        return this.clock.run(this.lifecycle.remove(ID, outs));
    }

    private async inputs(properties: object) {
        const { inputs, failures } = await this.lifecycle.check({}, { __resource: "test:Deletion", ...properties });
        expect(failures).toEqual([]);
        return inputs;
    }

    private async kept(hook: Promise<{ outs: Outputs }>) {
        try {
            return { outs: json((await this.clock.run(hook)).outs) };
        } catch (error) {
            const left = z
                .object({ properties: z.record(z.string(), z.unknown()), reasons: z.array(z.string()) })
                .safeParse(error);
            if (!left.success) {
                throw error;
            }
            return { outs: json(left.data.properties), reasons: left.data.reasons };
        }
    }
}

function json(outputs: object): Outputs {
    return JSON.parse(JSON.stringify(outputs));
}

const ids = (count: number, letter = "t") => Array.from({ length: count }, (_, n) => `${letter}${1_000 + n}`);

describe("a refresh or a success never makes a failure forgotten", () => {
    test.each([true, false])(
        "after a partial failure and a refresh the next up goes on (detects drift: %s)",
        async (hasWhen) => {
            const cloud = new Cloud(hasWhen);
            cloud.fill("a");
            cloud.stick(["b"]);
            const program = { thingIds: ["a", "b"], ...(hasWhen ? { when: "create" } : {}) };
            const { outs } = await cloud.create(program);
            const refreshed = await cloud.refresh(outs);
            expect(refreshed).toEqual(outs);
            cloud.stuck.clear();
            const next = await cloud.up(refreshed, program);
            expect(next).toMatchObject({ outs: { remaining: 0, open: [] } });
            expect(cloud.submits.at(-1)).toEqual(["b"]);
            expect(next === "unchanged" || (await cloud.up(next.outs, program))).toBe("unchanged");
        },
    );

    test("of more than 100 open ids those that are not stored stay open when new ids succeed", async () => {
        const cloud = new Cloud();
        const old = ids(250);
        cloud.stick(old);
        const { outs } = await cloud.create({ thingIds: old, when: "create" });
        expect(outs).toMatchObject({ remaining: 250 });
        cloud.fill("new");
        const next = await cloud.up(await cloud.refresh(outs), { thingIds: ["new", ...old], when: "create" });
        expect(next).toMatchObject({ outs: { remaining: 250, counts: { deleted: 1, failed: 250 } } });
        expect(next).toHaveProperty("reasons");
    });

    test("a change of another argument goes on with open targets", async () => {
        const cloud = new Cloud();
        cloud.stick(["b"]);
        const program = { thingIds: ["b"], when: "create" };
        const { outs } = await cloud.create(program);
        const next = await cloud.up(await cloud.refresh(outs), { ...program, timeout: "5m" });
        expect(next).toMatchObject({ outs: { remaining: 1, timeout: "5m" } });
        expect(next).toHaveProperty("reasons");
    });

    test("a refresh that finds nothing new changes no output", async () => {
        const cloud = new Cloud();
        cloud.fill("a", "d");
        cloud.stick(["c", "b", "e"]);
        for (const allowedFailures of [0, 3]) {
            const { outs } = await cloud.create({
                thingIds: ["a", "b", "c", "d", "e"],
                when: "create",
                allowedFailures,
            });
            expect(JSON.stringify(await cloud.refresh(outs))).toBe(JSON.stringify(outs));
        }
        const { outs } = await cloud.create({ thingIds: ["b", "c"], when: "destroy" });
        expect(JSON.stringify(await cloud.refresh(outs))).toBe(JSON.stringify(outs));
    });
});

describe("allowedFailures", () => {
    const program = { thingIds: ["a", "b", "c"], when: "create", allowedFailures: 2 };
    const allowed = async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        cloud.stick(["b", "c"]);
        const { outs } = await cloud.create(program);
        cloud.submits.length = 0;
        return { cloud, outs };
    };

    test("leave no diff, also after a refresh, and are not submitted again", async () => {
        const { cloud, outs } = await allowed();
        expect(outs).toMatchObject({ remaining: 0, open: [], allowedToFail: ["b", "c"], counts: { failed: 2 } });
        expect(await cloud.up(outs, program)).toBe("unchanged");
        const refreshed = await cloud.refresh(outs);
        expect(JSON.stringify(refreshed)).toBe(JSON.stringify(outs));
        expect(await cloud.up(refreshed, program)).toBe("unchanged");
        const timed = await cloud.up(refreshed, { ...program, timeout: "5m" });
        expect(timed).toMatchObject({ outs: { remaining: 0, allowedToFail: ["b", "c"] } });
        expect(cloud.submits).toEqual([]);
    });

    test("are left alone when another target comes back and is deleted again", async () => {
        const { cloud, outs } = await allowed();
        cloud.fill("a");
        const refreshed = await cloud.refresh(outs);
        expect(refreshed).toMatchObject({ remaining: 1, open: ["a"], allowedToFail: ["b", "c"] });
        expect(await cloud.up(refreshed, program)).toMatchObject({ outs: { remaining: 0, allowedToFail: ["b", "c"] } });
        expect(cloud.submits).toEqual([["a"]]);
    });

    test("count all together if one more fails than is allowed", async () => {
        const { cloud, outs } = await allowed();
        cloud.stick(["a"]);
        const next = await cloud.up(await cloud.refresh(outs), program);
        expect(next).toMatchObject({ outs: { remaining: 3, open: ["a", "b", "c"], allowedToFail: [] } });
        expect(next).toMatchObject({
            reasons: expect.arrayContaining([expect.stringContaining("2 more failed before")]),
        });
    });

    test.each([
        ["the set changes", { thingIds: ["a", "b", "c", "d"] }, ["b", "c"]],
        ["the goal changes", { force: true }, ["b", "c"]],
        ["another way to do it is asked for", { recursive: true }, ["b", "c"]],
        ["fewer are allowed", { allowedFailures: 1 }, ["b", "c"]],
    ])("%s: they are tried again", async (_, change, tried) => {
        const { cloud, outs } = await allowed();
        cloud.stuck.clear();
        const next = await cloud.up(await cloud.refresh(outs), { ...program, ...change });
        expect(next).toMatchObject({ outs: { remaining: 0, allowedToFail: [] } });
        expect(cloud.submits.flat()).toEqual(tried);
    });

    test("fail the resource when the number is lowered and they still fail", async () => {
        const { cloud, outs } = await allowed();
        const next = await cloud.up(await cloud.refresh(outs), { ...program, allowedFailures: 1 });
        expect(next).toMatchObject({ outs: { remaining: 2, allowedToFail: [] }, reasons: expect.anything() });
    });

    test("no longer include a target that vanished by itself and came back", async () => {
        const { cloud, outs } = await allowed();
        cloud.there.delete("b");
        const gone = await cloud.refresh(outs);
        expect(gone).toMatchObject({ remaining: 0, allowedToFail: ["c"] });
        cloud.fill("b");
        expect(await cloud.refresh(gone)).toMatchObject({ remaining: 1, open: ["b"], allowedToFail: ["c"] });
    });

    test("beyond the first 100 are tried again by the next up", async () => {
        const cloud = new Cloud();
        const many = ids(130);
        cloud.stick(many);
        const large = { thingIds: many, when: "create", allowedFailures: 200 };
        const { outs, reasons } = await cloud.create(large);
        expect(reasons).toBeUndefined();
        expect(outs).toMatchObject({ remaining: 30, open: many.slice(100), allowedToFail: many.slice(0, 100) });
        expect(cloud.warnings).toContain("the first 100 are left alone");
        expect(cloud.warnings).toContain("the other 30 are tried again by the next up");
        cloud.submits.length = 0;
        await cloud.up(await cloud.refresh(outs), large);
        expect(cloud.submits.flat().sort()).toEqual(many.slice(100));
    });

    describe("never allow targets that were not tried", () => {
        const refused = new ApiFailure({ code: "X.403", message: "no permission" }, true);
        const generous = { thingIds: ["a", "b", "c"], allowedFailures: 100 };

        test.each(["inspection", "submit"] as const)("a refused %s, at create, update and destroy", async (what) => {
            const cloud = new Cloud();
            cloud.fill("a", "b", "c");
            cloud.refuses[what] = refused;
            await expect(cloud.create({ ...generous, when: "create" })).rejects.toThrow("X.403: no permission");
            const { outs } = await cloud.create({ ...generous, when: "destroy", onMissing: "ignore" });
            await expect(cloud.up(outs, { ...generous, when: "create" })).rejects.toThrow("X.403: no permission");
            await expect(cloud.destroy(outs)).rejects.toThrow("X.403: no permission");
            expect([...cloud.there]).toEqual(["a", "b", "c"]);
        });

        test("a refused submit after others succeeded: the resource is kept, and the next up goes on", async () => {
            const cloud = new Cloud();
            const many = ids(1_001);
            cloud.fill(...many);
            cloud.refuses.afterSubmits = { submits: 1, failure: refused };
            const program = { thingIds: many, when: "create", allowedFailures: 100 };
            const { outs, reasons } = await cloud.create(program);
            expect(outs).toMatchObject({ remaining: 1, allowedToFail: [], counts: { deleted: 1_000, failed: 1 } });
            expect(reasons).toContainEqual(expect.stringContaining("1 of those that failed were never tried"));
            delete cloud.refuses.afterSubmits;
            expect(await cloud.up(await cloud.refresh(outs), program)).toMatchObject({ outs: { remaining: 0 } });
        });

        test('targets that onMissing "fail" kept from being submitted', async () => {
            const cloud = new Cloud();
            cloud.fill("a", "b");
            const inputs = { ...generous, when: "create", onMissing: "fail" };
            await expect(cloud.create(inputs)).rejects.toThrow("TargetsMissing");
            expect([...cloud.there]).toEqual(["a", "b"]);
        });
    });

    test("the warning at create advises no command that would have no effect", async () => {
        const { cloud } = await allowed();
        expect(cloud.warnings).toContain("2 things failed: X.1 stuck fast: b, c");
        expect(cloud.warnings).not.toContain("run the same command");
    });

    test("the warning at destroy names the targets that are left and that no stack knows any more", async () => {
        const cloud = new Cloud();
        cloud.fill("a");
        cloud.stick(["b", "c"]);
        const { outs } = await cloud.create({ ...program, when: "destroy" });
        await cloud.destroy(outs);
        expect(cloud.warnings).toMatch(/2 failed, as allowedFailures allows: .*no stack knows of them any more/);
        expect(cloud.warnings).toContain("2 things failed: X.1 stuck fast: b, c");
        expect(cloud.warnings).not.toContain("run the same command");
    });
});

describe("failures are grouped by cause", () => {
    test("every cause appears, with its count and first ids, in the output and in the state", async () => {
        const cloud = new Cloud();
        cloud.stick(ids(25, "s"), "locked by snapshot", "WKS.00211999");
        cloud.stick(ids(12, "a"), "account is in arrears", "WKS.00220001");
        const { outs, reasons = [] } = await cloud.create({
            thingIds: [...ids(25, "s"), ...ids(12, "a")],
            when: "create",
        });
        expect(reasons).toHaveLength(3);
        expect(reasons[1]).toMatch(/^25 things failed: WKS\.00211999 locked by snapshot: s1000, .*s1019 and 5 more$/);
        expect(reasons[2]).toMatch(/^12 things failed: WKS\.00220001 account is in arrears: a1000, .*a1011$/);
        expect(outs).toMatchObject({
            failed: [
                { code: "WKS.00211999", message: "locked by snapshot", count: 25 },
                { code: "WKS.00220001", message: "account is in arrears", count: 12 },
            ],
            failedMore: 0,
        });
        // The messages name all ids.
        const shown = [...reasons, ...cloud.notes.map(({ text }) => text)].join("\n");
        expect([...ids(25, "s"), ...ids(12, "a")].filter((id) => !shown.includes(id))).toEqual([]);
    });

    test("messages that differ only in names or request ids are one cause", async () => {
        const cloud = new Cloud();
        for (const [n, id] of ids(6).entries()) {
            cloud.there.add(id);
            const message =
                n < 3
                    ? `thing ${id} ("name-of-${id}") is locked, request id: 00000000-0000-00${n}`
                    : `things t1003, t1004 and ${id} are busy`;
            cloud.stuck.set(id, { code: "X.2", message, requestId: `r${n}` });
        }
        const { outs, reasons } = await cloud.create({ thingIds: ids(6), when: "create" });
        expect(reasons?.slice(1)).toEqual([
            '3 things failed: X.2 thing <id> ("<name>") is locked, request id: <request> (request r0 and 2 more): t1000, t1001, t1002',
            "3 things failed: X.2 things <ids> and <id> are busy (request r3 and 2 more): t1003, t1004, t1005",
        ]);
        expect(outs.failed).toHaveLength(2);
    });

    test("causes beyond those that are kept are counted, and the state stays small", async () => {
        const cloud = new Cloud();
        const many = ids(2_000);
        for (const [n, id] of many.entries()) {
            cloud.stick([id], `cause number ${n} of many, at some length ${"x".repeat(900)}`);
        }
        const { outs, reasons } = await cloud.create({ thingIds: many, when: "create" });
        expect(outs).toMatchObject({ failedMore: 1_950, remaining: 2_000 });
        expect(reasons?.at(-1)).toMatch(/^1950 more failed, of other causes: /);
        const { thingIds: _, ...rest } = outs;
        expect(JSON.stringify(rest).length).toBeLessThan(60_000);
        // Info lines name the first thousand ids, debug lines the others.
        expect(cloud.notes.filter(({ severity }) => severity === "info")).toHaveLength(10);
        expect(cloud.notes.filter(({ severity }) => severity === "debug").length).toBeGreaterThan(5);
    });

    test("unknown targets are grouped by cause too", async () => {
        const cloud = new Cloud();
        cloud.fill(...ids(30));
        cloud.stuck.clear();
        const inspect = jest.spyOn(cloud.there, "has").mockReturnValue(true);
        const { reasons } = await cloud.create({ thingIds: ids(30), when: "create", timeout: "10s" });
        expect(reasons?.[1]).toMatch(/^30 things unknown: Timeout not settled within 10s.*: t1000, .* and 10 more/);
        inspect.mockRestore();
    });
});
