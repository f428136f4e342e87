import { z } from "zod";
import { parseDuration } from "../../src/provider/inputs/duration";
import type { HookRecord, Operation } from "../world/engine-model";
import { REQUEST_TIMEOUT, type Wire } from "../world/network";
import type { TestWorld } from "../world/world";
import { INJECTED400 } from "./faults";
import type { InvariantMonitor } from "./invariant-monitor";
import type { TortureService } from "./services";
import type { Tenant } from "./tenant";

/** The request that is under way at the deadline may end; nothing else may follow. Milliseconds. */
const ONE_REQUEST = REQUEST_TIMEOUT + 1_000;

/** Ten seconds for what is under way, and as long for one inspection of it. Milliseconds. */
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
    lookPending: z.literal(true).optional(),
});
type Outputs = z.output<typeof outputsSchema>;

const givenSchema = z.object({
    __resource: z.string(),
    when: z.enum(["create", "destroy"]),
    timeout: z.string(),
    stallTimeout: z.string().optional(),
    allowedFailures: z.number().default(0),
});

/** The codes of targets that a guard refused: no number allows them. */
const GUARDS = ["Kept", "NotApproved", "MaxItems"];

interface Hook {
    readonly record: HookRecord;
    readonly process: number;
    readonly service: TortureService;
    /** Of a rule: all that it may ever match. */
    readonly targets: readonly string[];
    readonly byRule: boolean;
    readonly when: "create" | "destroy";
    readonly timeout: number;
    readonly stallTimeout: number;
    readonly allowedFailures: number;
    /** Targets that no other resource of the program has. */
    readonly alone: ReadonlySet<string>;
}

/** Judges each hook and each operation, when it has ended, by what is really in the emulated cloud. What it excuses stands in docs/architecture.md. */
export class Oracle {
    readonly broken: string[] = [];
    readonly outcomes: Record<string, number> = {};
    /** The operation is an up. All that a schedule declares is declared in it, so its deletes must delete nothing. */
    updates = false;
    /** The targets of the program, by service and name. */
    private readonly declared = new Map<string, { service: string; target: string; holders: number }>();

    constructor(
        private readonly world: TestWorld,
        private readonly tenant: Tenant,
        private readonly monitor: () => InvariantMonitor,
    ) {
        for (const [, properties] of Object.entries(tenant.program())) {
            const { service, targets } = tenant.targetsOf(properties);
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
            const there = await this.stillThere(hook, hook.targets);
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

    /** Those that were to be gone and are there. A list that lies may leave out what a rule would match. */
    private async stillThere(
        { service, byRule, record }: Hook,
        targets: readonly string[],
    ): Promise<readonly string[]> {
        if (!byRule) {
            return this.tenant.stillThere(service, targets, record.began);
        }
        const matched = targets.filter((key) => !this.isKept(service, key));
        return this.tenant.mayHide(service) ? [] : this.tenant.stillThere(service, matched, record.began);
    }

    private isKept({ service }: TortureService, key: string): boolean {
        return this.kept.has(`${service} ${rawId(key)}`);
    }

    /** What appeared before the last request of a run with a rule is in the look after it. Nobody else may have put it there again. */
    private async judgeStragglers(hook: Hook, good: readonly string[], says: (what: string) => void): Promise<void> {
        const { service, process, record, targets } = hook;
        const { submissions } = await this.tenant.auditLog();
        // Of what another resource has too, the last request may be that one's.
        const mine = new Set(targets.filter((key) => hook.alone.has(key)).map(rawId));
        const last = Math.max(
            0,
            ...submissions
                .filter((each) => each.service === service.service && each.accepted && each.at >= record.began)
                .filter(({ ids }) => ids.some((id) => mine.has(id)))
                .map(({ at }) => at),
        );
        if (!hook.byRule || last === 0 || this.tenant.mayHide(service)) {
            return;
        }
        const fresh = good.filter(
            (key) =>
                !this.monitor().asked(process, service.name, key) &&
                this.tenant.hasAppeared(service, key) &&
                !this.isKept(service, key),
        );
        const there = await this.tenant.stillThere(service, fresh, last);
        if (there.length > 0) {
            says(`did not look again for what appeared while it ran: ${there.join(", ")}`);
        }
    }

    private async judgeRun(hook: Hook, outputs: Outputs, says: (what: string) => void): Promise<void> {
        const { record, targets, service } = hook;
        const { counts, open, remaining, failed, allowedToFail } = outputs;
        // Of a rule, those that match still.
        const heldBefore = hook.byRule
            ? remaining + allowedToFail.length - counts.failed - counts.unknown
            : this.heldBefore(hook).length;
        if (record.hook === "update" && sameRun(record.before, outputs)) {
            return;
        }
        for (const [kind, count] of Object.entries(counts)) {
            this.count(kind, count);
        }
        const total = counts.deleted + counts.alreadyGone + counts.failed + counts.unknown;
        const isTooMany = hook.byRule && (total > targets.length || heldBefore < 0);
        if (isTooMany || (!hook.byRule && record.hook === "create" && total !== targets.length)) {
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
        // What an update has not inspected is as an earlier hook left it, which was judged.
        const judged = record.hook === "create" ? good : good.filter((target) => this.wasDue(hook, target));
        const there = hook.byRule && lookFailed(outputs) ? [] : await this.stillThere(hook, judged);
        if (there.length > 0) {
            says(`said that these are gone, and they are there: ${there.join(", ")}`);
        }
        if (record.result.is === "done") {
            await this.judgeStragglers(hook, good, says);
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
            const last = this.monitor().lastShown(hook.process, service.name, id);
            if (hook.alone.has(id) && last === "settled") {
                says(`${id} failed with ${code}, though the last inspection showed that it is gone`);
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
            const isAllowed =
                counts.unknown === 0 &&
                counts.failed + heldBefore <= outputs.allowedFailures &&
                !lookFailed(outputs) &&
                !failed.some(({ code }) => GUARDS.includes(code));
            // What was not tried because the run stopped is no allowed failure.
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

    /** Each target that did not end well has a line, and only when its time was up is it unknown. */
    private judgeMessage(hook: Hook, message: string, says: (what: string) => void): void {
        if (message.trim() === "" || /(?<!received )\bundefined\b|\[object|\n\s+at /.test(message)) {
            says(`failed with a message that is none: ${JSON.stringify(message)}`);
        }
        const took = hook.record.ended - hook.record.began;
        // At most a tenth of the time is kept for the last inspection.
        if (/ unknown: Timeout /.test(message) && took < 0.9 * hook.timeout) {
            says(`a target is unknown for want of time after ${took / 1000} s of ${hook.timeout / 1000} s`);
        }
        if (/ unknown: Stalled /.test(message) && took < hook.stallTimeout) {
            says(`a target is unknown for want of progress after ${took / 1000} s`);
        }
    }

    /** The program does not change within a schedule: an update acts on what the last run left open. */
    private wasDue(hook: Hook, target: string): boolean {
        const { record } = hook;
        const { open, allowedToFail } = outputsSchema.parse(record.before);
        return (
            hook.byRule ||
            open.includes(target) ||
            (allowedToFail.includes(target) && !this.heldBefore(hook).includes(target))
        );
    }

    /** The set of targets does not change: a later run that allows as many failures leaves alone what was allowed to fail. */
    private heldBefore({ record, allowedFailures }: Hook): readonly string[] {
        const { allowedToFail } = record.hook === "update" ? outputsSchema.parse(record.before) : { allowedToFail: [] };
        return allowedToFail.length <= allowedFailures ? allowedToFail : [];
    }

    private read(record: HookRecord): Hook {
        const { service, targets, byRule } = this.tenant.targetsOf(record.given);
        const given = givenSchema.parse(record.given);
        const override = record.hook === "delete" ? this.world.env.HUAWEICLOUD_BATCH_TIMEOUT : undefined;
        return {
            record,
            process: this.world.processes.length,
            service,
            targets,
            byRule,
            when: given.when,
            timeout: parseDuration(override ?? given.timeout),
            allowedFailures: given.allowedFailures,
            stallTimeout: given.stallTimeout === undefined ? 0 : parseDuration(given.stallTimeout),
            alone: new Set(targets.filter((target) => this.declared.get(`${service.name} ${target}`)?.holders === 1)),
        };
    }

    // --- operations ----------------------------------------------------------------------------------------------

    /** `before`: submissions in the audit log when it began. */
    async operationEnded(operation: Operation, before: number): Promise<void> {
        const { submissions } = await this.tenant.auditLog();
        const declared = new Map<string, Set<string>>();
        /** By id the names of what only rules declare: a look of this operation must have shown them. */
        const matched = new Map<string, string>();
        const byIds = new Set<string>();
        for (const { hook, given } of operation.hooks) {
            const { when } = givenSchema.parse(given);
            const { service, targets, byRule } = this.tenant.targetsOf(given);
            if (
                hook === "read" ||
                (hook === "delete") !== (when === "destroy") ||
                (hook === "delete" && this.updates)
            ) {
                continue;
            }
            declared.set(service.service, new Set([...(declared.get(service.service) ?? []), ...targets.map(rawId)]));
            for (const key of targets) {
                if (byRule) {
                    matched.set(rawId(key), this.tenant.nameOfKey(service, key) ?? "");
                } else {
                    byIds.add(rawId(key));
                }
            }
        }
        for (const { service, ids, operation: name, at } of submissions.slice(before)) {
            for (const id of ids.filter((each) => matched.has(each) && !byIds.has(each))) {
                if (!this.wasListed(id, matched.get(id) ?? "", at)) {
                    this.breaks(
                        `${service} ${name} was sent with ${id}, which no look of this operation had shown to match`,
                    );
                }
            }
            const forbidden = ids.filter((id) => this.forbidden.has(`${service} ${id}`));
            if (forbidden.length > 0) {
                this.breaks(`${service} ${name} was sent with ids that a guard forbids: ${forbidden.join(", ")}`);
            }
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

    /** Whether a list that this process has read before a moment shows the id, with its name. */
    private wasListed(id: string, name: string, before: number): boolean {
        const process = this.world.processes.length;
        return this.world.network.log.some(
            ({ process: by, method, endedAt, end, shown }) =>
                by === process &&
                method === "GET" &&
                end === "answered" &&
                endedAt <= before &&
                shown.includes(`"${id}"`) &&
                shown.includes(`"${name}"`),
        );
    }

    /** After a cancellation nothing is sent that changes anything, and no hook waits for long. */
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
        const stops = wires.filter(({ target }) => isStop(target));
        for (const { method, target, body, refusal, sentAt, endedAt } of wires) {
            const request = `${method} ${target} ${body}`;
            // Excused: what was seen unready since, and what was stopped since.
            const refused = (refusals.get(request) ?? []).filter(
                (at) =>
                    !this.unreadySince(request, at, sentAt) &&
                    !stops.some((stop) => stop.sentAt >= at && stop.target === `${target}/action/stop`),
            );
            // Excused: each resource that has the targets may ask once.
            if (refused.length > 0 && refused.length >= this.mostHoldersOf(request)) {
                sentAgain.add(request);
            }
            if (changes(method, target) && refusal.includes(INJECTED400)) {
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

    /** What was seen in deletion, or not ready for it, before a request was sent must not be in it. */
    private judgeMoment({ process, method, target, body, sentAt }: Wire): void {
        for (const { service, target: key } of this.targetsIn(`${method} ${target} ${body}`)) {
            if (this.monitor().isUnready(process, service, key, sentAt)) {
                this.breaks(
                    `${service}: ${key} was sent, though the last inspection had shown it in deletion, or not ready`,
                );
            }
        }
    }

    /** How many resources have a target of this request, at most. */
    private mostHoldersOf(request: string): number {
        return Math.max(0, ...this.targetsIn(request).map(({ holders }) => holders));
    }

    /** Whether each target of a request was shown in deletion, or not ready for it, between two moments. */
    private unreadySince(request: string, from: number, to: number): boolean {
        const process = this.world.processes.length;
        const targets = this.targetsIn(request);
        return (
            targets.length > 0 &&
            targets.every(({ service, target }) => this.monitor().wasUnready(process, service, target, from, to))
        );
    }

    private targetsIn(request: string) {
        return [...this.declared.values()].filter(({ target }) => request.includes(rawId(target)));
    }

    identity: "key" | "password" = "key";
    /** What the guards that are in force forbid to send: the emulator's service and the id. */
    forbidden: ReadonlySet<string> = new Set();
    /** Of these, what rules leave out. */
    kept: ReadonlySet<string> = new Set();

    private async nothingLeft(): Promise<void> {
        // What has just ended may still have something to do.
        for (let times = 0; times < 3; times += 1) {
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

/** An update that acts on nothing passes on the counts of the last run. */
function sameRun(before: HookRecord["before"], outputs: Outputs): boolean {
    const earlier = outputsSchema.safeParse(before);
    return (
        earlier.success &&
        JSON.stringify(earlier.data.counts) === JSON.stringify(outputs.counts) &&
        outputs.remaining === 0
    );
}

/** Whether more match is not known. */
function lookFailed({ lookPending }: Outputs): boolean {
    return lookPending === true;
}

/** The id that the cloud knows. */
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
