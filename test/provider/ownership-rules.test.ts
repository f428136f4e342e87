import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiFailure } from "../../src/batch/api";
import type { Holding } from "../../src/provider/ownership/holders";
import { hashOf, JournalWriter } from "../../src/provider/ownership/journal-file";
import { FileJournal } from "../../src/provider/ownership/operation-journal";
import { type Deletion, Ownership } from "../../src/provider/ownership/ownership";
import type { MatchedNow } from "../../src/provider/ownership/rule-holds";
import { ruleText } from "../../src/provider/ownership/rule-text";
import { VirtualClock } from "../virtual-clock";

const clock = new VirtualClock();
const here = ["cn-north-4", "p1"];
const urn = (name: string) => `urn:pulumi:dev::project::type::${name}`;
const RULE = ruleText({ matching: { names: ["tmp-*"] } }) ?? "";
const SET = { kind: "clouddc", resource: "clouddc:InstanceBatchDeletion" } as const;

const ruled = (name: string, more: Partial<Holding> = {}): Holding => ({
    ...SET,
    urn: urn(name),
    keys: [],
    rule: RULE,
    complete: true,
    given: [undefined, undefined],
    ...more,
});

/** What each rule matches in the place of the delete; a failure is thrown. */
const matching =
    (answer: Readonly<Record<string, readonly string[]>> | Error, asked: string[] = []): MatchedNow =>
    async ({ rule }) => {
        asked.push(rule);
        if (answer instanceof Error) {
            throw answer;
        }
        return new Set(answer[rule] ?? []);
    };

const deletion = (name: string, keys: readonly string[], matchedNow: MatchedNow): Deletion => ({
    urn: urn(name),
    id: `id-of-${name}`,
    kind: "clouddc",
    place: here,
    keys,
    deleteBeforeReplace: false,
    matchedNow,
});

describe("in one process", () => {
    test("a declared rule holds what it matches now, in its place, and nothing else", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("new"), true, ruled("new"));
        await ownership.onMade(urn("new"), ruled("new", { exact: here }));
        const old = deletion("old", ["a", "b"], matching({ [RULE]: ["a", "z"] }));
        expect(await ownership.judge(old)).toMatchObject({ held: ["a"], free: ["b"], holders: { held: [urn("new")] } });
        const elsewhere = { ...old, place: ["cn-east-3", "p1"] };
        expect(await ownership.judge(elsewhere)).toMatchObject({ free: ["a", "b"] });
        expect(await ownership.judge({ ...old, kind: "vias" })).toMatchObject({ free: ["a", "b"] });
    });

    test("what it matches is undecided while its place is not known", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("new"), true, ruled("new", { given: ["cn-north-4", undefined] }));
        const old = deletion("old", ["a", "b"], matching({ [RULE]: ["a"] }));
        expect(await ownership.judge(old)).toMatchObject({ undecided: ["a"], free: ["b"] });
    });

    test("a rule that is not known yet may hold everything", async () => {
        const ownership = new Ownership(clock);
        const { rule: _, ...unknown } = ruled("new", { complete: false });
        await ownership.onCheck(urn("new"), true, unknown);
        expect(await ownership.judge(deletion("old", ["a"], matching({})))).toMatchObject({ undecided: ["a"] });
    });

    test("a list that this identity may not read leaves all alone and says why; a failure that may pass fails the delete", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("new"), false, ruled("new", { exact: here }));
        const refused = new ApiFailure({ code: "X.403", message: "not yours", requestId: "r1" }, true);
        expect(await ownership.judge(deletion("old", ["a", "b"], matching(refused)))).toMatchObject({
            free: [],
            undecided: ["a", "b"],
            holders: { undecided: [urn("new")] },
            why: "what its rule matches can't be told: X.403: not yours (request r1)",
        });
        const passing = new ApiFailure({ code: "X.500", message: "try again" }, false);
        await expect(ownership.judge(deletion("old", ["a"], matching(passing)))).rejects.toThrow("try again");
    });

    test("a rule is asked for only what nobody else surely holds, and once", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("ids"), false, {
            ...SET,
            urn: urn("ids"),
            keys: ["a"],
            complete: true,
            exact: here,
        });
        await ownership.onCheck(urn("new"), false, ruled("new", { exact: here }));
        await ownership.onMade(urn("new"), ruled("new", { exact: here }));
        const asked: string[] = [];
        expect(await ownership.judge(deletion("old", ["a"], matching({ [RULE]: ["a"] }, asked)))).toMatchObject({
            held: ["a"],
        });
        expect(asked).toEqual([]);
        await ownership.judge(deletion("old", ["a", "b"], matching({ [RULE]: ["b"] }, asked)));
        expect(asked).toEqual([RULE]);
    });

    test("for an action that takes nothing away only rules of the same resource type count", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("new"), false, ruled("new", { exact: here }));
        const act = { ...deletion("old", ["a"], matching({ [RULE]: ["a"] })), onlyResource: "clouddc:Other" };
        expect(await ownership.judge(act)).toMatchObject({ free: ["a"] });
    });

    test("a destroy records no rule, so nothing is held", async () => {
        const ownership = new Ownership(clock);
        await ownership.onDiff(urn("old"), [], ruled("old", { exact: here }));
        expect(await ownership.judge(deletion("old", ["a"], matching({ [RULE]: ["a"] })))).toMatchObject({
            free: ["a"],
        });
    });
});

describe("between the processes of one operation", () => {
    const address = "127.0.0.1:1";
    let directory: string;
    const processOf = () => new Ownership(clock, new FileJournal(address, directory));

    beforeEach(() => {
        directory = join(mkdtempSync(join(tmpdir(), "ownership-")), "journal");
    });
    afterEach(() => {
        rmSync(join(directory, ".."), { recursive: true, force: true });
    });

    test("a rule that one process checked holds in the other", async () => {
        const [one, other] = [processOf(), processOf()];
        await one.onCheck(urn("new"), true, ruled("new"));
        await one.onMade(urn("new"), ruled("new", { exact: here }));
        const old = deletion("old", ["a", "b"], matching({ [RULE]: ["a"] }));
        expect(await other.judge(old)).toMatchObject({ held: ["a"], free: ["b"], holders: { held: [urn("new")] } });
    });

    test("a secret rule is not written, and leaves all alone in another process", async () => {
        const [one, other] = [processOf(), processOf()];
        const secret = ruleText({ matching: { names: ["planted-*"] } }) ?? "";
        const holding = ruled("new", { rule: secret, secretRule: true, exact: here });
        await one.onCheck(urn("new"), true, holding);
        const old = deletion("old", ["a", "b"], matching({ [secret]: ["a"] }));
        expect(await other.judge(old)).toMatchObject({ undecided: ["a", "b"] });
        expect(await one.judge(old)).toMatchObject({ held: ["a"], free: ["b"] });
        expect(readFileSync(join(directory, readdirSync(directory)[0] ?? ""), "utf8")).not.toContain("planted");
    });

    test("with --target a declared rule holds without a check, in the place from its state", async () => {
        const writer = new JournalWriter(address, directory);
        const line = { ...SET, by: "program", urn: urn("new"), keys: [], complete: true, rule: RULE } as const;
        writer.append({ ...line, given: [undefined, undefined] });
        const old = deletion("old", ["a", "b"], matching({ [RULE]: ["a"] }));
        expect(await processOf().judge(old)).toMatchObject({ undecided: ["a"], free: ["b"] });
        writer.append({ ...line, exact: here.map((value) => hashOf("place", value)) });
        expect(await processOf().judge(old)).toMatchObject({ held: ["a"], free: ["b"] });
    });
});
