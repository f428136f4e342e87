import { z } from "zod";
import { parseDuration } from "../../src/provider/inputs/duration";
import type { HookRecord, Operation } from "../world/engine-model";
import { REQUEST_TIMEOUT, type Wire } from "../world/network";
import type { TestWorld } from "../world/world";
import { INJECTED400 } from "./faults";
import type { InvariantMonitor } from "./invariant-monitor";
import { services, type TortureService } from "./services";
import type { Tenant } from "./tenant";

/** A read may take its time to be given up; nothing else may follow the deadline. Milliseconds. */
const ONE_REQUEST = REQUEST_TIMEOUT + 1_000;

/** Ten seconds for what is under way, and as long for one look at it. Milliseconds. */
const CANCELLED_WITHIN = 2 * 10_000 + 1_000;

const outputsSchema = z.object({
    counts: z.object({
        deleted: z.number(),
        alreadyGone: z.number(),
        failed: z.number(),
        unknown: z.number(),
    }),
    remaining: z.number(),
    open: z.array(z.string()),
    allowedToFail: z.array(z.string()),
    failed: z.array(
        z.object({ ids: z.array(z.string()), kind: z.string().optional(), code: z.string(), count: z.number() }),
    ),
    allowedFailures: z.number().default(0),
});
type Outputs = z.output<typeof outputsSchema>;

const givenSchema = z.object({
    __resource: z.string(),
    when: z.enum(["create", "destroy"]),
    timeout: z.string(),
    stallTimeout: z.string().optional(),
    allowedFailures: z.number().default(0),
});

interface Hook {
    readonly record: HookRecord;
    readonly process: number;
    readonly service: TortureService;
    readonly targets: readonly string[];
    readonly when: "create" | "destroy";
    readonly timeout: number;
    readonly stallTimeout: number;
    readonly allowedFailures: number;
    /** Targets that no other resource of the program has. */
    readonly alone: ReadonlySet<string>;
}

/** Judges each hook when it has ended, and each operation, by what is really in the emulated cloud. */
export class Oracle {
    readonly broken: string[] = [];
    readonly outcomes: Record<string, number> = {};
    /** The operation is an up: all that the schedules declare is declared in it, so that its deletes are to delete nothing. */
    updates = false;
    /** The targets of the program, by service and name. */
    private readonly declared = new Map<string, { service: string; target: string; holders: number }>();

    constructor(
        private readonly world: TestWorld,
        private readonly tenant: Tenant,
        private readonly monitor: () => InvariantMonitor,
    ) {
        for (const [, properties] of Object.entries(tenant.program())) {
            const { service, targets } = targetsOf(properties);
            for (const target of targets) {
                const key = `${service.name} ${target}`;
                const { holders } = this.declared.get(key) ?? { holders: 0 };
                this.declared.set(key, { service: service.name, target, holders: holders + 1 });
            }
        }
    }

    breaks(what: string): void {
        const after = ((this.world.clock.now() - Date.UTC(2026, 0, 1)) / 1000).toFixed(3);
        this.broken.push(`${after} s: ${what}`);
    }

    // --- hooks ---------------------------------------------------------------------------------------------------

    async hookEnded(record: HookRecord): Promise<void> {
        if (record.result.is === "killed") {
            return;
        }
        const hook = this.read(record);
        const took = record.ended - record.began;
        const says = (what: string) => this.breaks(`${record.hook} of ${record.resource}: ${what}`);
        if (took > hook.timeout + ONE_REQUEST) {
            says(`took ${took / 1000} s, and its timeout is ${hook.timeout / 1000} s`);
        }
        const ran = record.hook === "create" || record.hook === "update";
        if (ran && hook.when === "create" && record.result.is !== "failed") {
            const outputs = outputsSchema.parse(record.result.outputs);
            await this.judgeRun(hook, outputs, says);
        }
        if (record.hook === "delete" && hook.when === "destroy" && record.result.is === "done" && !this.updates) {
            this.count("deleted at destroy", hook.targets.length);
            const there = await this.tenant.stillThere(hook.service, hook.targets, record.began);
            if (there.length > hook.allowedFailures) {
                says(`said that all are gone, and these are there: ${there.join(", ")}`);
            }
        }
        if (record.hook === "create" && record.result.is === "failed") {
            await this.judgeForgotten(hook, says);
        }
        if (record.result.is === "failed") {
            this.judgeMessage(hook, record.result.message, says);
        }
    }

    private async judgeRun(hook: Hook, outputs: Outputs, says: (what: string) => void): Promise<void> {
        const { record, targets, service } = hook;
        const { counts, open, remaining, failed, allowedToFail } = outputs;
        const heldBefore = this.heldBefore(hook).length;
        if (record.hook === "update" && sameRun(record.before, outputs)) {
            return;
        }
        for (const [kind, count] of Object.entries(counts)) {
            this.count(kind, count);
        }
        const total = counts.deleted + counts.alreadyGone + counts.failed + counts.unknown;
        if (record.hook === "create" && total !== targets.length) {
            says(`${total} outcomes for ${targets.length} targets`);
        }
        if (
            open.length !== remaining ||
            remaining + allowedToFail.length !== counts.failed + counts.unknown + heldBefore ||
            failed.reduce((sum, { count }) => sum + count, 0) !== counts.failed
        ) {
            says(`counts that do not add up: ${JSON.stringify({ counts, remaining, open, failed })}`);
        }
        const good = targets.filter((target) => !open.includes(target) && !allowedToFail.includes(target));
        // What an update did not look at is as an earlier hook left it; that one was judged.
        const judged = record.hook === "create" ? good : good.filter((target) => this.wasDue(hook, target));
        const there = await this.tenant.stillThere(service, judged, record.began);
        if (there.length > 0) {
            says(`said that these are gone, and they are there: ${there.join(", ")}`);
        }
        const mine = judged.filter((target) => this.monitor().asked(hook.process, service.name, target));
        const alone = judged.length > 0 && judged.every((target) => hook.alone.has(target));
        if (alone ? mine.length !== counts.deleted : counts.deleted > mine.length) {
            says(`${counts.deleted} "deleted", and ${mine.length} of those that are gone were submitted`);
        }
        for (const { kind, code, failedId } of failed.flatMap(({ ids, ...cause }) =>
            ids.map((failedId) => ({ ...cause, failedId })),
        )) {
            const id = kind === undefined ? failedId : `${kind}:${failedId}`;
            const told = this.monitor().told(hook.process, service.name, id);
            if (hook.alone.has(id) && told === "settled") {
                says(`${id} failed with ${code}, though the last look told that it is gone`);
            }
        }
        if (
            record.result.is === "done" &&
            (counts.unknown > 0 || counts.failed + heldBefore > outputs.allowedFailures)
        ) {
            says(`success with ${counts.failed} failed and ${counts.unknown} unknown`);
        }
        if (record.result.is === "kept") {
            const { reasons } = record.result;
            this.judgeMessage(hook, reasons.join("\n"), says);
            const isAllowed = counts.unknown === 0 && counts.failed + heldBefore <= outputs.allowedFailures;
            // What was never tried, for the run stopped, is allowed by no number.
            if (isAllowed && !reasons.some((reason) => reason.includes("were never tried"))) {
                says(`failure with ${counts.failed} failed and none unknown`);
            }
        }
    }

    /** A create that leaves nothing in the state must not have begun anything in the cloud. */
    private async judgeForgotten({ record, alone, service }: Hook, says: (what: string) => void): Promise<void> {
        const mine = new Set([...alone].map(rawId));
        const { submissions } = await this.tenant.auditLog();
        const begun = submissions
            .filter((each) => each.service === service.service && each.accepted && each.at >= record.began)
            .flatMap(({ ids }) => ids)
            .filter((id) => mine.has(id));
        if (begun.length > 0) {
            says(`nothing is kept in the state, and these were submitted: ${begun.join(", ")}`);
        }
    }

    /** Told by the lines: each target that did not end well has one, and only time running out leaves one unknown in the end. */
    private judgeMessage(hook: Hook, message: string, says: (what: string) => void): void {
        if (message.trim() === "" || /(?<!received )\bundefined\b|\[object|\n\s+at /.test(message)) {
            says(`failed with a message that is none: ${JSON.stringify(message)}`);
        }
        const took = hook.record.ended - hook.record.began;
        // A tenth of the time at most is kept for the last look.
        if (/ unknown: Timeout /.test(message) && took < 0.9 * hook.timeout) {
            says(`a target is unknown for want of time after ${took / 1000} s of ${hook.timeout / 1000} s`);
        }
        if (/ unknown: Stalled /.test(message) && took < hook.stallTimeout) {
            says(`a target is unknown for want of progress after ${took / 1000} s`);
        }
    }

    /** Programs do not change between the runs of a schedule: an update acts on what the last run left open. */
    private wasDue(hook: Hook, target: string): boolean {
        const { record } = hook;
        const { open, allowedToFail } = outputsSchema.parse(record.before);
        return open.includes(target) || (allowedToFail.includes(target) && !this.heldBefore(hook).includes(target));
    }

    /** The set does not change: what was allowed to fail is left alone by every later run that allows as many. */
    private heldBefore({ record, allowedFailures }: Hook): readonly string[] {
        const { allowedToFail } = record.hook === "update" ? outputsSchema.parse(record.before) : { allowedToFail: [] };
        return allowedToFail.length <= allowedFailures ? allowedToFail : [];
    }

    private read(record: HookRecord): Hook {
        const { service, targets } = targetsOf(record.given);
        const given = givenSchema.parse(record.given);
        const override = record.hook === "delete" ? this.world.env.HUAWEICLOUD_BATCH_TIMEOUT : undefined;
        return {
            record,
            process: this.world.processes.length,
            service,
            targets,
            when: given.when,
            timeout: parseDuration(override ?? given.timeout),
            allowedFailures: given.allowedFailures,
            stallTimeout: given.stallTimeout === undefined ? 0 : parseDuration(given.stallTimeout),
            alone: new Set(targets.filter((target) => this.declared.get(`${service.name} ${target}`)?.holders === 1)),
        };
    }

    // --- operations ----------------------------------------------------------------------------------------------

    /** `before`: submissions in the books when it began. */
    async operationEnded(operation: Operation, before: number): Promise<void> {
        const { submissions } = await this.tenant.auditLog();
        const declared = new Map<string, Set<string>>();
        for (const { hook, given } of operation.hooks) {
            const { when } = givenSchema.parse(given);
            const { service, targets } = targetsOf(given);
            if (
                hook === "read" ||
                (hook === "delete") !== (when === "destroy") ||
                (hook === "delete" && this.updates)
            ) {
                continue;
            }
            declared.set(service.service, new Set([...(declared.get(service.service) ?? []), ...targets.map(rawId)]));
        }
        for (const { service, ids, operation: name } of submissions.slice(before)) {
            const strangers = ids.filter((id) => !declared.get(service)?.has(id));
            if (strangers.length > 0) {
                this.breaks(
                    `${service} ${name} was sent with ids that are not to be deleted now: ${strangers.join(", ")}`,
                );
            }
        }
        this.judgeWires();
        this.judgeCancellation(operation);
        if (operation.is !== "killed") {
            await this.nothingLeft();
        }
    }

    /** After a cancellation nothing is changed, and nothing waits for long. */
    private judgeCancellation({ hooks }: Operation): void {
        const process = this.world.processes.length;
        const at = this.world.network.cancelledAt.get(process);
        if (at === undefined) {
            return;
        }
        this.count("cancelled operations", 1);
        const late = this.world.network.changesAfterCancel().filter((wire) => wire.process === process);
        if (late.length > 0) {
            this.breaks(
                `sent after it was cancelled: ${late.map(({ method, target }) => `${method} ${target}`).join(", ")}`,
            );
        }
        for (const { resource, hook, ended } of hooks) {
            if (ended - at > CANCELLED_WITHIN) {
                this.breaks(`${hook} of ${resource} took ${(ended - at) / 1000} s to end after it was cancelled`);
            }
        }
    }

    private judgeWires(): void {
        const process = this.world.processes.length;
        const wires = this.world.network.log.filter((wire) => wire.process === process);
        const refusals = new Map<string, number[]>();
        const sentAgain = new Set<string>();
        for (const { method, target, body, refusal, sentAt, endedAt } of wires) {
            const request = `${method} ${target} ${body}`;
            // A refusal is about the things as they were: what was seen in somebody else's deletion since, or in another
            // work that forbids one, and came back from it, is asked for anew.
            const refused = (refusals.get(request) ?? []).filter((at) => !this.unreadySince(request, at, sentAt));
            // Each resource that has the targets may learn by itself that they are refused: what is throttled or lost on
            // the way has taught it nothing yet.
            if (refused.length > 0 && refused.length >= this.mostHoldersOf(request)) {
                sentAgain.add(request);
            }
            if (changes(method, target) && refusal.includes(INJECTED400) && !mayNeedStop(target)) {
                refusals.set(request, [...refused, endedAt]);
            }
        }
        for (const request of sentAgain) {
            this.breaks(`refused with 400, and sent again: ${request}`);
        }
        for (const wire of wires.filter(({ method, target }) => changes(method, target) && !isStop(target))) {
            this.judgeMoment(wire);
        }
        const [unauthenticated] = wires.filter(({ status }) => status === 401);
        if (unauthenticated !== undefined && this.identity === "key") {
            const after = wires.filter(({ sentAt }) => sentAt > unauthenticated.endedAt);
            if (after.length > 0) {
                this.breaks(`${after.length} requests after the key was refused`);
            }
        }
    }

    /** What was seen to be in deletion, or not ready for it, while the request waited for its turn must not be in it. */
    private judgeMoment({ process, method, target, body, sentAt }: Wire): void {
        for (const { service, target: key } of this.targetsIn(`${method} ${target} ${body}`)) {
            if (this.monitor().seenUnready(process, service, key, sentAt)) {
                this.breaks(`${service}: ${key} was sent, though the last look had shown it in deletion, or not ready`);
            }
        }
    }

    /** How many resources have a target of this request, at most. */
    private mostHoldersOf(request: string): number {
        return Math.max(0, ...this.targetsIn(request).map(({ holders }) => holders));
    }

    /** Whether each target of a request was told to be in deletion, or not ready for it, between two moments. */
    private unreadySince(request: string, from: number, to: number): boolean {
        const process = this.world.processes.length;
        const targets = this.targetsIn(request);
        return (
            targets.length > 0 &&
            targets.every(({ service, target }) => this.monitor().toldUnready(process, service, target, from, to))
        );
    }

    private targetsIn(request: string) {
        return [...this.declared.values()].filter(({ target }) => request.includes(rawId(target)));
    }

    identity: "key" | "password" = "key";

    private async nothingLeft(): Promise<void> {
        // What has settled by now has had its last turn.
        for (let turn = 0; turn < 3; turn += 1) {
            await this.world.clock.yieldToEventLoop();
        }
        const { sleepers, network, processes } = this.world;
        if (sleepers > 0) {
            this.breaks(`${sleepers} sleeps are left`);
        }
        if (network.underWay > 0) {
            this.breaks(`${network.underWay} requests are left`);
        }
        for (const left of processes.at(-1)?.sessions.leftovers() ?? []) {
            this.breaks(`left: ${left}`);
        }
    }

    private count(kind: string, times: number): void {
        if (times > 0) {
            this.outcomes[kind] = (this.outcomes[kind] ?? 0) + times;
        }
    }
}

/** An update that acts on nothing passes the account of the last run on. */
function sameRun(before: HookRecord["before"], outputs: Outputs): boolean {
    const earlier = outputsSchema.safeParse(before);
    return (
        earlier.success &&
        JSON.stringify(earlier.data.counts) === JSON.stringify(outputs.counts) &&
        outputs.remaining === 0
    );
}

/** The row of a resource, and the product's names of its targets. */
export function targetsOf(properties: Readonly<Record<string, unknown>>): {
    readonly service: TortureService;
    readonly targets: readonly string[];
} {
    const service = services.find(
        (row) =>
            row.resource === properties.__resource &&
            Object.entries(row.properties).every(([input, value]) => properties[input] === value),
    );
    if (service === undefined) {
        throw new Error(`no service of ${String(properties.__resource)}`);
    }
    const targets = service.kinds.flatMap(({ input, prefix }) =>
        z
            .array(z.string())
            .parse(properties[input])
            .map((id) => prefix + id),
    );
    return { service, targets };
}

/** As the cloud knows it. */
export function rawId(key: string): string {
    return key.slice(key.indexOf(":") + 1);
}

/** Some reads are POSTs. */
function changes(method: string, target: string): boolean {
    return method !== "GET" && !/\/(summarys|auth\/tokens)(\?|$)/.test(target);
}

function isStop(target: string): boolean {
    return target.endsWith("/action/stop");
}

function mayNeedStop(target: string): boolean {
    return target.includes("/batch-tasks/") && services.some((row) => row.mayNeedStop);
}
