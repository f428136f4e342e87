import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Plan, planStack } from "../../../src/provider/assessment/plan";
import { readStackState } from "../../../src/provider/assessment/stack-state";
import { approvedTextOf } from "../../../src/provider/dynamic/command-plan";
import { approvedListOf } from "../../../src/provider/guards/approved-list";
import { definitionOf, services } from "../../../src/services/registry";
import { TestWorld } from "../../world/world";

const states = join(__dirname, "../../states");
const PLACE = { region: "cn-north-4", projectId: "0123456789abcdef0123456789abcdef" };
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

let world: TestWorld;
beforeEach(() => {
    world = new TestWorld({ seed: 11 });
});

interface Exported {
    readonly name: string;
    readonly outputs: Record<string, unknown>;
    readonly more?: Record<string, unknown>;
}

function exported(...resources: readonly Exported[]): string {
    const type = (outputs: Record<string, unknown>) =>
        `pulumi-nodejs:dynamic/huaweicloud-batch/${String(outputs.__resource)}`;
    return JSON.stringify({
        version: 3,
        deployment: {
            resources: [
                { urn: "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev", type: "pulumi:pulumi:Stack" },
                ...resources.map(({ name, outputs, more }) => ({
                    urn: `urn:pulumi:dev::p::${type(outputs)}::${name}`,
                    type: type(outputs),
                    id: "cn-north-4/p/1",
                    outputs,
                    ...more,
                })),
            ],
        },
    });
}

function plan(state: string, operation: "destroy" | "up" = "destroy"): Promise<Plan> {
    const { context } = world.startProcess();
    return world.run(() =>
        planStack(
            { contextOf: () => context, now: () => world.clock.now(), onLooked: () => {} },
            readStackState(state),
            operation,
            new AbortController().signal,
        ),
    );
}

function ids({ resources }: Plan): string[] {
    return resources.flatMap(({ name, result }) =>
        "targets" in result
            ? result.targets.map(({ id, fate, why }) => `${name} ${id}: ${fate}${why === undefined ? "" : `, ${why}`}`)
            : [`${name}: ${"nothing" in result ? result.nothing : result.failed}`],
    );
}

async function servers(count: number): Promise<string[]> {
    const [all = []] = await world.emulator.control.seed({
        objects: [{ service: "workspaceapp", kind: "imageServers", count, template: { name: "web-{n}" } }],
    });
    return all.sort();
}

function recorded(imageServerIds: unknown, more: Record<string, unknown> = {}): Record<string, unknown> {
    return {
        __resource: "workspaceapp:ImageServerBatchDeletion",
        when: "destroy",
        imageServerIds,
        place: PLACE,
        counts: { deleted: 0, alreadyGone: 0, done: 0, alreadyDone: 0, failed: 0, unknown: 0 },
        remaining: 0,
        open: [],
        allowedToFail: [],
        failed: [],
        failedMore: 0,
        jobs: [],
        jobsMore: 0,
        schemaVersion: 2,
        ...more,
    };
}

describe.each(["v1", "v2"])("recorded states of %s", (version) => {
    test.each(readdirSync(join(states, version)))("%s is planned, for destroy and for up", async (file) => {
        const { outputs } = JSON.parse(readFileSync(join(states, version, file), "utf8"));
        const state = exported({ name: "it", outputs });
        for (const operation of ["destroy", "up"] as const) {
            const { resources, complete } = await plan(state, operation);
            expect(resources).toHaveLength(1);
            expect(resources[0]?.result).not.toHaveProperty("failed");
            expect(complete).toBe(true);
        }
    });
});

test("each target has its fate; one that two resources declare counts once", async () => {
    const [one = "", two = ""] = await servers(2);
    const made = await plan(
        exported(
            { name: "a", outputs: recorded([one, two]) },
            { name: "b", outputs: recorded([two, "50000000000000000001"]) },
            { name: "c", outputs: recorded([one], { when: "create" }) },
        ),
    );
    expect(ids(made)).toEqual([
        `a ${one}: due`,
        `a ${two}: due`,
        expect.stringMatching(/^b .*: /),
        expect.stringMatching(/^b .*: /),
        'c: when is "create": destroy touches nothing',
    ]);
    expect(made.totals).toMatchObject({ due: 2, settled: 1 });
});

test("for up, only what the state calls open is due, and what is there again is told", async () => {
    const [one = "", two = ""] = await servers(2);
    const outputs = recorded([one, two], { when: "create", remaining: 1, open: [two] });
    const made = await plan(exported({ name: "a", outputs }), "up");
    expect(ids(made).sort()).toEqual(
        [
            `a ${one}: leftAlone, it is there again, which the state does not know yet: \`pulumi up --refresh\` acts on it`,
            `a ${two}: due`,
        ].sort(),
    );
});

test("what the engine skips is no part of the plan, and it says why", async () => {
    const [one = ""] = await servers(1);
    const outputs = recorded([one]);
    const made = await plan(
        exported(
            { name: "a", outputs, more: { protect: true } },
            { name: "b", outputs, more: { retainOnDelete: true } },
            { name: "c", outputs, more: { deletedWith: "urn:pulumi:dev::p::aws:s3:Bucket::bucket" } },
        ),
    );
    expect(ids(made)).toEqual([
        "a: protect: destroy refuses it",
        "b: retainOnDelete: nothing is deleted in the cloud",
        "c: deletedWith: its targets are to go with bucket",
    ]);
});

test("of a replaced resource the next up deletes what the program does not declare any more", async () => {
    const [one = "", two = ""] = await servers(2);
    const made = await plan(
        exported(
            { name: "a", outputs: recorded([two]) },
            { name: "a", outputs: recorded([one, two]), more: { delete: true } },
        ),
        "up",
    );
    expect(ids(made)).toEqual([
        'a: when is "destroy": up only records the targets',
        `a ${one}: due`,
        `a ${two}: leftAlone, a declares it`,
    ]);
});

test("secret ids in cipher can't be planned without --show-secrets; in clear they are numbered, never shown", async () => {
    const [one = "", two = ""] = await servers(2);
    const sealed = { [SIGNATURE]: SECRET, ciphertext: "v1:abc" };
    const closed = await plan(exported({ name: "a", outputs: recorded(sealed) }));
    expect(ids(closed)).toEqual([
        "a: imageServerIds: secret, and the state has it in cipher only: give --show-secrets",
    ]);
    expect(closed.complete).toBe(false);
    const shown = { [SIGNATURE]: SECRET, plaintext: JSON.stringify([one, two]) };
    const { resources } = await plan(exported({ name: "a", outputs: recorded(shown) }));
    expect([...(resources[0]?.labels ?? [])]).toEqual([
        [one, "#1 of 2"],
        [two, "#2 of 2"],
    ]);
});

test("credentials in the state are not read; other stack configuration of the last up is", () => {
    const provider = {
        urn: "urn:pulumi:dev::p::pulumi:providers:pulumi-nodejs::default",
        type: "pulumi:providers:pulumi-nodejs",
        id: "7",
        inputs: {
            "huaweicloud-batch:accessKey": "AK",
            "huaweicloud-batch:secretKey": { [SIGNATURE]: SECRET, plaintext: '"SK"' },
            "huaweicloud-batch:authToken": "TOKEN",
            "huaweicloud-batch:password": "PASSWORD",
            "huaweicloud-batch:keep": "web-*",
            "huaweicloud-batch:region": "cn-north-4",
            "aws:region": "eu-west-1",
        },
    };
    const state = JSON.parse(
        exported({ name: "a", outputs: recorded([]), more: { provider: `${provider.urn}::${provider.id}` } }),
    );
    state.deployment.resources.push(provider);
    const [resource] = readStackState(JSON.stringify(state)).resources;
    expect(resource?.configuration).toEqual({
        "huaweicloud-batch:keep": "web-*",
        "huaweicloud-batch:region": "cn-north-4",
    });
});

test("a state of a newer release, a resource that is not known, and what is no state are told in one line", async () => {
    const made = await plan(
        exported(
            { name: "newer", outputs: recorded([], { schemaVersion: 99 }) },
            { name: "other", outputs: { ...recorded([]), __resource: "workspaceapp:Other" } },
        ),
    );
    expect(ids(made)).toEqual([
        expect.stringMatching(/^newer: this state was written by a newer release/),
        "other: this release of pulumi-huaweicloud-batch does not know this resource",
    ]);
    expect(made.complete).toBe(false);
    for (const text of ["", "{}", "[]", "no JSON"]) {
        expect(() => readStackState(text)).toThrow("that is no state of a stack");
    }
});

test("the approved list of a plan approves what is due, and nothing that appears later", async () => {
    const [one = "", two = "", later = ""] = await servers(3);
    const made = await plan(exported({ name: "a", outputs: recorded([one, two]) }));
    const list = approvedListOf({ variable: "HUAWEICLOUD_BATCH_APPROVED", path: "/a.json" }, approvedTextOf(made));
    const definition = definitionOf("workspaceapp:ImageServerBatchDeletion", services);
    if (definition === undefined) {
        throw new Error("no definition");
    }
    const judge = list.judgeOf({ definition, place: PLACE, properties: {} });
    expect([judge(one), judge(two), judge(later)]).toEqual([undefined, undefined, { is: "notListed" }]);
});
