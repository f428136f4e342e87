/** What really happened, by the emulator's audit log. */
import type { EmulatorControl } from "huaweicloud-batch-emulator";
import { type Furnished, idsThere, type Service } from "./tenant.mts";

/** Everything in which the audit log differs from what the program declared; one line each. */
export async function disagreements(
    control: EmulatorControl,
    furnished: readonly Furnished[],
    cameBack: string,
): Promise<string[]> {
    const auditLog = await control.auditLog();
    const found: string[] = [];
    for (const { id, operation } of auditLog.doubleSubmissions) {
        found.push(`${operation} was asked for ${id} again while it was under way`);
    }
    for (const { service, kind, declared, alreadyGone, others } of furnished) {
        const what = `${service.title} ${kind.kind}`;
        const there = await idsThere(control, service, kind);
        for (const id of declared.filter((each) => there.has(each))) {
            found.push(`${what}: ${id} is still there`);
        }
        for (const id of others.filter((each) => !there.has(each))) {
            found.push(`${what}: ${id} was not declared, and is gone`);
        }
        // What the cloud refused was not done: a VIAS batch task whose children run is stopped first, and asked for again.
        const asked = auditLog.submissions
            .filter((each) => each.service === service.name && each.accepted)
            .flatMap(({ ids }) => ids);
        for (const id of declared) {
            const expected = id === alreadyGone ? 0 : id === cameBack ? 2 : 1;
            const times = asked.filter((each) => each === id).length;
            if (times !== expected) {
                found.push(`${what}: ${id} was asked to be deleted ${times} times instead of ${expected}`);
            }
        }
    }
    const known = new Set(furnished.flatMap(({ declared }) => declared));
    for (const id of auditLog.submissions.flatMap(({ ids }) => ids).filter((each) => !known.has(each))) {
        found.push(`${id} was asked to be deleted, and nobody declared it`);
    }
    return found;
}

export interface Tally {
    readonly service: Service;
    readonly declared: number;
    /** Deleted because it was asked for; what came back and was deleted again counts twice. */
    readonly deleted: number;
    /** Never asked for, and not there. */
    readonly alreadyGone: number;
    /** Asked for, and still there. */
    readonly failed: number;
}

export async function tally(control: EmulatorControl, furnished: readonly Furnished[]): Promise<Tally[]> {
    const { submissions, tombstones } = await control.auditLog();
    const asked = new Set(submissions.flatMap(({ ids }) => ids));
    const tallies = new Map<Service, Tally>();
    for (const { service, kind, declared } of furnished) {
        const there = await idsThere(control, service, kind);
        const mine = new Set(declared);
        const before = tallies.get(service) ?? { service, declared: 0, deleted: 0, alreadyGone: 0, failed: 0 };
        tallies.set(service, {
            service,
            declared: before.declared + declared.length,
            deleted: before.deleted + tombstones.filter(({ id, by }) => mine.has(id) && by !== "control").length,
            alreadyGone: before.alreadyGone + declared.filter((id) => !asked.has(id) && !there.has(id)).length,
            failed: before.failed + declared.filter((id) => asked.has(id) && there.has(id)).length,
        });
    }
    return [...tallies.values()];
}

/** Where the stack's outputs of its first run differ from the audit log. A resource that only records has none yet. */
export function* falseClaims(
    claims: ReadonlyMap<string, Readonly<Record<string, number>>>,
    tallies: readonly Tally[],
): Generator<string> {
    for (const { service, deleted, alreadyGone, failed } of tallies) {
        const claim = claims.get(service.resource);
        if (claim === undefined) {
            yield `${service.title}: the stack has no account of ${service.resource}`;
            continue;
        }
        const facts = service.deletedWithStack ? { deleted, failed } : { deleted, alreadyGone, failed };
        for (const [count, fact] of Object.entries(facts)) {
            if (claim[count] !== fact) {
                yield `${service.title}: the stack counts ${claim[count]} as ${count}, the audit log ${fact}`;
            }
        }
    }
}

/** Batch requests that a service has received, all calls, and the seconds from its first to its last call in each step. */
export async function traffic(
    control: EmulatorControl,
    service: string,
    stepsBegan: readonly number[],
): Promise<{ requests: number; calls: number; seconds: number }> {
    const { submissions } = await control.auditLog();
    const calls = (await control.requests()).filter((each) => each.service === service);
    let milliseconds = 0;
    for (const [step, began] of stepsBegan.entries()) {
        const ended = stepsBegan[step + 1] ?? Number.POSITIVE_INFINITY;
        const times = calls.map(({ wallAt }) => wallAt).filter((at) => at >= began && at < ended);
        milliseconds += times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
    }
    return {
        requests: submissions.filter((each) => each.service === service).length,
        calls: calls.length,
        seconds: milliseconds / 1000,
    };
}
