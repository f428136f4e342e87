import fc from "fast-check";
import { type Condition, services } from "./services";

/** Everything that happens in one schedule; plain data, so that a broken one can be printed and played again. */
export interface Schedule {
    readonly seed: number;
    readonly identity: "key" | "password";
    /** Of a token. Seconds. */
    readonly tokenLife: number;
    readonly clockSkewSeconds: number;
    readonly connections: number;
    /** One way, at most. Milliseconds. */
    readonly latency: number;
    readonly parallel: number;
    readonly parts: readonly Part[];
    /** "rename": an up of the same program, every resource of which has another name and no alias. */
    readonly operations: ReadonlyArray<"up" | "refresh" | "destroy" | "rename">;
    readonly outages: ReadonlyArray<{ readonly after: number; readonly ms: number }>;
    /** Ctrl-C: the engine cancels one of the operations, after so many awaits of its process. */
    readonly cancellation?: { readonly operation: number; readonly afterAwaits: number } | null;
    /** Until the faults end; null: none. */
    readonly guards?: Guards | null;
}

/** What the keep list and the approved list have: numbers of things, of every part. */
export interface Guards {
    readonly keptIds: readonly number[];
    /** Whether it also keeps, by their names, the things of one class. */
    readonly keptClass: NameClass | null;
    /** null: no such list. */
    readonly approved: readonly number[] | null;
}

/** The name of each thing has one of these. */
export const NAME_CLASSES = ["a", "b", "c"] as const;
export type NameClass = (typeof NAME_CLASSES)[number];

/** What concerns one service. */
export interface Part {
    readonly service: string;
    readonly settings: number;
    /** Conditions of the things at the beginning, by their number; null: it is not there. */
    readonly pool: ReadonlyArray<Condition | null>;
    /** Things that no list shows to the caller, by their number: another enterprise project's, somebody else's. */
    readonly unlisted: readonly number[];
    /** Things that nobody declares, to fill pages. */
    readonly bystanders: number;
    /** Of a deletion. Milliseconds. */
    readonly duration: { readonly least: number; readonly most: number };
    readonly resources: readonly Declared[];
    readonly faults: readonly Fault[];
    readonly spoilt: ReadonlyArray<{ readonly how: "fail" | "stuck" | "lie" | "vanish"; readonly times: number }>;
    readonly throttle: { readonly limit: number; readonly windowSeconds: number; readonly retryAfter: boolean } | null;
    readonly meddling: readonly Meddling[];
}

export interface Declared {
    readonly when: "create" | "destroy";
    /** Numbers of things. Not used where there is a rule. */
    readonly targets: readonly number[];
    /** Instead of ids: all things of its part that are in the pool, or those of one class. null: ids. */
    readonly rule: Rule | null;
    readonly timeout: "20s" | "90s" | "10m" | "60m";
    readonly stallTimeout: "30s" | null;
    readonly allowedFailures: number;
}

export interface Rule {
    readonly names: NameClass | "all";
    readonly maxItems: 2 | 40;
}

export interface Fault {
    readonly kind: FaultKind;
    readonly on: "submits" | "reads" | "anything";
    /** Which lie, for the kind "lie". */
    readonly which: number;
    readonly skip: number;
    readonly times: number;
    /** Share of the requests. */
    readonly probability: number;
    readonly retryAfter: number;
}

export const FAULT_KINDS = [
    "429",
    "429 with Retry-After",
    "400",
    "401",
    "404 of the gateway",
    "408",
    "5xx before the effect",
    "5xx after the effect",
    "reset before the effect",
    "reset after the effect",
    "silence before the effect",
    "silence after the effect",
    "slow answer",
    "truncated",
    "empty",
    "HTML",
    "not JSON",
    "lie",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Meddling {
    readonly after: number;
    readonly target: number;
    /** Somebody else deletes it, makes it anew, makes it anew and busy, or begins to delete it. */
    readonly what: "remove" | Condition;
}

export const POOL = 12;

const fault: fc.Arbitrary<Fault> = fc.record({
    // Faults that end everything at once are rare, because they hide the others.
    kind: fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom<FaultKind>("401", "404 of the gateway") },
        { weight: 2, arbitrary: fc.constantFrom<FaultKind>("400") },
        { weight: 4, arbitrary: fc.constantFrom<FaultKind>("lie") },
        {
            weight: 12,
            arbitrary: fc.constantFrom(
                ...FAULT_KINDS.filter((kind) => !["401", "404 of the gateway", "400", "lie"].includes(kind)),
            ),
        },
    ),
    on: fc.constantFrom("submits" as const, "reads" as const, "anything" as const),
    which: fc.nat(30),
    skip: fc.nat(6),
    times: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(40)),
    probability: fc.constantFrom(1, 0.5, 0.2),
    retryAfter: fc.constantFrom(1, 5, 30, 200),
});

const meddling: fc.Arbitrary<Meddling> = fc.record({
    // Many runs are short.
    after: fc.oneof(fc.nat(90_000), fc.nat(3_000)),
    target: fc.nat(POOL - 1),
    what: fc.constantFrom("remove" as const, "idle" as const, "busy" as const, "deleting" as const),
});

const declared: fc.Arbitrary<Declared> = fc.record({
    when: fc.constantFrom("create" as const, "create" as const, "destroy" as const),
    targets: fc.uniqueArray(fc.nat(POOL - 1), { minLength: 1, maxLength: POOL }),
    rule: fc.oneof(
        { weight: 2, arbitrary: fc.constant(null) },
        {
            weight: 1,
            arbitrary: fc.record({
                names: fc.constantFrom("all" as const, "all" as const, ...NAME_CLASSES),
                maxItems: fc.constantFrom<Rule["maxItems"]>(40, 40, 40, 2),
            }),
        },
    ),
    timeout: fc.constantFrom("60m" as const, "10m" as const, "90s" as const, "20s" as const),
    stallTimeout: fc.constantFrom(null, null, null, "30s" as const),
    allowedFailures: fc.constantFrom(0, 0, 0, 2),
});

const part: fc.Arbitrary<Part> = fc.record({
    service: fc.constantFrom(...services.map(({ name }) => name)),
    settings: fc.nat(7),
    pool: fc.array(
        fc.constantFrom<Condition | null>("idle", "idle", "idle", "idle", "idle", "busy", "deleting", null),
        { minLength: POOL, maxLength: POOL },
    ),
    unlisted: fc.oneof(
        { weight: 3, arbitrary: fc.constant<number[]>([]) },
        { weight: 2, arbitrary: fc.uniqueArray(fc.nat(POOL - 1), { minLength: 1, maxLength: POOL }) },
    ),
    bystanders: fc.oneof(
        { weight: 7, arbitrary: fc.nat(20) },
        { weight: 1, arbitrary: fc.integer({ min: 100, max: 240 }) },
    ),
    duration: fc.constantFrom(
        { least: 1_000, most: 60_000 },
        { least: 0, most: 500 },
        { least: 30_000, most: 400_000 },
    ),
    resources: fc.array(declared, { minLength: 1, maxLength: 4 }),
    faults: fc.array(fault, { maxLength: 5 }),
    spoilt: fc.array(
        fc.record({
            how: fc.constantFrom("fail" as const, "stuck" as const, "lie" as const, "vanish" as const),
            times: fc.integer({ min: 1, max: 3 }),
        }),
        { maxLength: 2 },
    ),
    throttle: fc.oneof(
        { weight: 5, arbitrary: fc.constant(null) },
        {
            weight: 1,
            arbitrary: fc.record({
                limit: fc.integer({ min: 1, max: 10 }),
                windowSeconds: fc.constantFrom(1, 10, 60),
                retryAfter: fc.boolean(),
            }),
        },
    ),
    meddling: fc.array(meddling, { maxLength: 4 }),
});

export const schedules: fc.Arbitrary<Schedule> = fc.record({
    seed: fc.nat(1_000_000),
    identity: fc.constantFrom("key" as const, "key" as const, "password" as const),
    tokenLife: fc.constantFrom(86_400, 600, 60),
    clockSkewSeconds: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(0, -120, 600) },
        { weight: 1, arbitrary: fc.constantFrom(1200) },
    ),
    connections: fc.constantFrom(64, 8, 2),
    latency: fc.constantFrom(40, 400, 3_000),
    parallel: fc.constantFrom(16, 2),
    parts: fc.array(part, { minLength: 1, maxLength: Math.min(2, Math.max(1, services.length)) }),
    operations: fc.constantFrom<Schedule["operations"]>(
        ["up"],
        ["up", "up"],
        ["up", "destroy"],
        ["up", "refresh", "up"],
        ["up", "refresh", "destroy"],
        ["up", "rename"],
        ["up", "rename", "up"],
        ["up", "rename", "rename"],
    ),
    outages: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        {
            weight: 1,
            arbitrary: fc.array(fc.record({ after: fc.nat(60_000), ms: fc.constantFrom(500, 10_000, 120_000) }), {
                maxLength: 2,
            }),
        },
    ),
    // Last, so that the rest of the schedule of a seed stays as it was.
    cancellation: fc.oneof(
        { weight: 2, arbitrary: fc.constant(null) },
        {
            weight: 1,
            arbitrary: fc.record({
                operation: fc.nat(2),
                afterAwaits: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 300 })),
            }),
        },
    ),
    guards: fc.oneof(
        { weight: 4, arbitrary: fc.constant(null) },
        {
            weight: 1,
            arbitrary: fc.record({
                keptIds: fc.uniqueArray(fc.nat(POOL - 1), { maxLength: 3 }),
                keptClass: fc.constantFrom(null, null, ...NAME_CLASSES),
                approved: fc.oneof(
                    fc.constant(null),
                    fc.uniqueArray(fc.nat(POOL - 1), { minLength: 4, maxLength: POOL }),
                ),
            }),
        },
    ),
});
