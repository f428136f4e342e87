import { type Transport, TransportFailure } from "../../src/cloud/http/transport";
import { CANCELLED, GRACE, LAST_INSPECTION } from "../../src/util/cancellation";
import { deletions } from "../e2e/deletions";
import { type Declared, started, stopped, task } from "./batch-task-program";
import { type Kept, VideoTenant } from "./batch-task-tenant";

/** The time of one request and of all inspections that a hook makes without a pause. */
const PROMPT = 3_000;

interface Hook {
    readonly hook: string;
    readonly before?: Declared;
    /** Targets that the cloud has before. */
    readonly furnish?: (tenant: VideoTenant) => Promise<readonly string[]>;
    /** The outputs that an earlier operation recorded. */
    readonly record?: (tenant: VideoTenant, ids: readonly string[]) => Promise<Kept>;
    readonly act: (tenant: VideoTenant, stack: Kept | undefined, ids: readonly string[]) => Promise<unknown>;
}

const JOBS = {
    roma: { "delete-assets": { kind: "fixed", ms: 60_000 } },
    workspaceapp: { "delete-image-server": { kind: "fixed", ms: 60_000 } },
    clouddc: { "delete-instance": { kind: "fixed", ms: 60_000 } },
} as const;

const up = (declared: Declared) => (tenant: VideoTenant, stack: Kept | undefined) =>
    stack === undefined ? tenant.create(declared) : tenant.up(stack, declared);

const batchTaskHooks: readonly Hook[] = [
    { hook: "create, started", act: up(started) },
    { hook: "create, stopped", act: up(stopped) },
    { hook: "stop", before: started, act: up(stopped) },
    { hook: "start", before: stopped, act: up(started) },
    { hook: "update of what runs", before: started, act: up({ ...started, name: "renamed" }) },
    { hook: "update, state left out", before: task, act: up({ ...task, name: "renamed" }) },
    {
        hook: "adoption",
        before: stopped,
        act: async (tenant, stack) => tenant.create({ ...started, ...{ adopt: stack?.id } }),
    },
    { hook: "deletion", before: started, act: async (tenant, stack) => stack && tenant.deleteInSameOperation(stack) },
    { hook: "refresh", before: started, act: async (tenant, stack) => stack && tenant.refresh(stack) },
];

const TARGETS = 25;
const setHooks = deletions.flatMap((deletion): Hook[] => {
    const { service, kind, type, template } = deletion;
    const furnish = async (tenant: VideoTenant) => {
        const [ids = []] = await tenant.control.seed({ objects: [{ service, kind, count: TARGETS, template }] });
        return ids;
    };
    const declare = (ids: readonly string[], when: "create" | "destroy") => ({
        __resource: type.replace(".", ":"),
        __urn: "urn:set",
        __provider: "code",
        timeout: "1h",
        when,
        ...deletion.args(ids),
    });
    return [
        { hook: `${type}, create`, furnish, act: (tenant, _, ids) => tenant.create(declare(ids, "create")) },
        {
            hook: `${type}, record`,
            furnish,
            act: (tenant, _, ids) => tenant.create(declare(ids, "destroy")),
        },
        {
            hook: `${type}, delete`,
            furnish,
            record: (tenant, ids) => tenant.create(declare(ids, "destroy")),
            act: async (tenant, stack) => stack && tenant.deleteInSameOperation(stack),
        },
        {
            hook: `${type}, refresh`,
            furnish,
            record: (tenant, ids) => tenant.create(declare(ids, "destroy")),
            act: async (tenant, stack) => stack && tenant.refresh(stack),
        },
    ];
});
const hooks = [...batchTaskHooks, ...setHooks];

type Way = "answers as before" | "answers no read any more" | "answers nothing that is on its way" | "is out of order";
const ways: ReadonlyArray<readonly [Way, number]> = [
    ["answers as before", GRACE + PROMPT],
    ["is out of order", GRACE + LAST_INSPECTION + PROMPT],
    ["answers no read any more", GRACE + LAST_INSPECTION + PROMPT],
    ["answers nothing that is on its way", GRACE + LAST_INSPECTION + PROMPT],
];

/** Does not answer until the request is aborted. */
function silence(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
        const giveUp = () => reject(new TransportFailure("perhaps", "Aborted", "given up"));
        if (signal.aborted) {
            giveUp();
        }
        signal.addEventListener("abort", giveUp, { once: true });
    });
}

/** Cancels the operation at the n-th request; from then on the cloud answers in the given way. */
function cancelAt(tenant: VideoTenant, count: number, way: Way) {
    let sent = 0;
    let at: number | undefined;
    const cancel = () => {
        at = tenant.clock.now();
        tenant.cancellation.abort(CANCELLED);
    };
    const { send } = tenant.transport;
    const transport: Transport = {
        send: async (request) => {
            sent += 1;
            const isPoint = sent === count;
            const isRead = request.method === "GET";
            if (isPoint && way === "answers nothing that is on its way") {
                // The request arrives, its answer is lost.
                await send(request);
                cancel();
                return silence(request.signal);
            }
            if (at !== undefined && way === "is out of order") {
                await tenant.clock.sleep(20);
                return { status: 500, headers: {}, body: "{}" };
            }
            if (at !== undefined && isRead && way !== "answers as before") {
                return silence(request.signal);
            }
            const answer = await send(request);
            if (isPoint) {
                cancel();
            }
            return answer;
        },
    };
    tenant.newProcess(transport);
    return { at: () => at };
}

async function prepare(
    tenant: VideoTenant,
    before: Declared | undefined,
    { furnish, record }: Pick<Hook, "furnish" | "record">,
) {
    const ids = (await furnish?.(tenant)) ?? [];
    const task = before === undefined ? undefined : await tenant.create(before);
    await tenant.clock.run(() => tenant.clock.sleep(60_000));
    return { ids, stack: task ?? (await record?.(tenant, ids)) };
}

describe.each(ways)("a cloud that %s", (way, most) => {
    test.each(hooks)("$hook: it ends in time when cancelled in any phase", async ({ before, act, ...more }) => {
        let tried = 0;
        for (let count = 1; ; count += 1) {
            const tenant = new VideoTenant();
            const { stack, ids } = await prepare(tenant, before, more);
            // Processes in the cloud take longer than the grace period after a cancellation.
            await tenant.durations({ "task-stops": 60, "task-starts": 60, "task-deletes": 60 });
            await tenant.control.seed({ durations: JOBS });
            const point = cancelAt(tenant, count, way);
            const failure: unknown = await act(tenant, stack, ids).then(
                () => undefined,
                (error: unknown) => error,
            );
            const at = point.at();
            if (at === undefined) {
                expect(failure).toBeUndefined();
                break;
            }
            tried += 1;
            expect(tenant.clock.now() - at).toBeLessThanOrEqual(most);
            // No timer remains that would keep the process alive.
            expect(tenant.clock.sleepers).toBe(0);
        }
        expect(tried).toBeGreaterThan(0);
    });
});

const renamed = { ...task, name: "renamed" };

test.each([
    ["answered", (url: string, method: string, stops: number) => stops > 0 && method === "GET" && url !== ""],
    ["on its way", (url: string) => url.endsWith("/action/stop")],
])(
    "cancelled while a stop for an update is %s: the hook ends after ten seconds, the state shows what is stopping, the error is the cancellation",
    async (_, isPoint) => {
        const tenant = new VideoTenant();
        const stack = await tenant.create(task);
        await tenant.clock.run(() => tenant.clock.sleep(60_000));
        await tenant.durations({ "task-stops": 60 });
        const { send } = tenant.transport;
        let stops = 0;
        let at: number | undefined;
        tenant.newProcess({
            send: async (request) => {
                const here = isPoint(request.url, request.method, stops);
                stops += Number(request.url.endsWith("/action/stop"));
                if (here && at === undefined) {
                    at = tenant.clock.now();
                    tenant.cancellation.abort(CANCELLED);
                }
                return send(request);
            },
        });
        const left = await tenant.up(stack, renamed);
        expect(at).toBeDefined();
        const took = tenant.clock.now() - (at ?? 0);
        expect(took).toBeLessThan(13_000);
        expect(took).toBeGreaterThanOrEqual(GRACE);
        expect(left.outs).toMatchObject({ states: { stopping: 2 }, stoppedForUpdate: true, bodyApplied: false });
        expect(left.reasons?.[0]).toMatch(/^Cancelled: the operation was cancelled.*stopped for the update, and stay/);
        expect(left.reasons?.join()).not.toMatch(/HTTP 400|VIAS\.\d/);
        expect(await tenant.sent()).toEqual(["CreateBatchTask", "UpdateBatchTask", "stop"]);
    },
);

test("the hook does not wait for a stop that was not sent", async () => {
    const tenant = new VideoTenant();
    const stack = await tenant.create(started);
    await tenant.clock.run(() => tenant.clock.sleep(60_000));
    const { send } = tenant.transport;
    let at: number | undefined;
    tenant.newProcess({
        send: async (request) => {
            if (request.url.endsWith("/action/stop")) {
                at = tenant.clock.now();
                tenant.cancellation.abort(CANCELLED);
                throw new TransportFailure("no", "Aborted", "nothing of it was written");
            }
            return send(request);
        },
    });
    await expect(tenant.up(stack, stopped)).rejects.toThrow(/^Cancelled: .*run the same command again/);
    expect(tenant.clock.now() - (at ?? 0)).toBeLessThan(PROMPT);
    expect(await tenant.states()).toEqual(["RUNNING", "RUNNING"]);
});

test("a cancelled update that was refused because children run reports the cancellation, not the expected refusal", async () => {
    const tenant = new VideoTenant();
    const stack = await tenant.create(task);
    await tenant.clock.run(() => tenant.clock.sleep(60_000));
    const { send } = tenant.transport;
    tenant.newProcess({
        send: async (request) => {
            if (request.method === "PUT") {
                tenant.cancellation.abort(CANCELLED);
            }
            return send(request);
        },
    });
    const failure: unknown = await tenant.up(stack, renamed).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/^Error: Cancelled: .*was not updated/);
    expect(String(failure)).not.toMatch(/HTTP 400|VIAS\.\d/);
});

test("a cancelled update that was refused for another reason reports that reason", async () => {
    const tenant = new VideoTenant();
    const stack = await tenant.create(task);
    await tenant.clock.run(() => tenant.clock.sleep(60_000));
    const { send } = tenant.transport;
    tenant.newProcess({
        send: async (request) => {
            if (request.method === "PUT") {
                tenant.cancellation.abort(CANCELLED);
                return { status: 400, headers: {}, body: '{"error_code":"VIAS.00010001","error_msg":"bad input"}' };
            }
            return send(request);
        },
    });
    await expect(tenant.up(stack, renamed)).rejects.toThrow(/was not updated: .*VIAS\.00010001.*bad input/);
});

test.each(hooks)(
    "$hook: the Cancel at its normal end changes nothing, delays nothing and leaves no timer",
    async ({ before, act, ...more }) => {
        const tenant = new VideoTenant();
        const { stack, ids } = await prepare(tenant, before, more);
        tenant.newProcess();
        const done = await act(tenant, stack, ids);
        const [at, outs, sent] = [tenant.clock.now(), JSON.stringify(done), await tenant.sent()];
        tenant.cancellation.abort(CANCELLED);
        await tenant.clock.yieldToEventLoop();
        // No timer remains, and no time has passed.
        expect(tenant.clock.sleepers).toBe(0);
        expect(tenant.clock.now()).toBe(at);
        expect(JSON.stringify(done)).toBe(outs);
        expect(await tenant.sent()).toEqual(sent);
    },
);
