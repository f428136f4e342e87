import {
    chmodSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Holding } from "../../src/provider/ownership/holders";
import { hashOf, JournalWriter } from "../../src/provider/ownership/journal-file";
import { FileJournal } from "../../src/provider/ownership/operation-journal";
import { type Deletion, Ownership } from "../../src/provider/ownership/ownership";
import { VirtualClock } from "../virtual-clock";

const clock = new VirtualClock();
const here = ["cn-north-4", "p1"];
const urn = (name: string, stack = "dev") => `urn:pulumi:${stack}::project::type::${name}`;

const holding = (name: string, keys: readonly string[], more: Partial<Holding> = {}): Holding => ({
    urn: urn(name),
    kind: "clouddc",
    resource: "clouddc:InstanceBatchDeletion",
    keys,
    complete: true,
    given: [undefined, undefined],
    ...more,
});
const deletion = (name: string, keys: readonly string[], more: Partial<Deletion> = {}): Deletion => ({
    urn: urn(name),
    id: `id-of-${name}`,
    kind: "clouddc",
    place: here,
    keys,
    deleteBeforeReplace: false,
    matchedNow: () => Promise.reject(new Error("no rule is declared")),
    ...more,
});
const at = (name: string, keys: readonly string[], place = here) => holding(name, keys, { exact: place });

describe("in one process", () => {
    test("a destroy records nothing, so every key is free", async () => {
        expect(await new Ownership(clock).judge(deletion("old", ["a"]))).toMatchObject({ free: ["a"] });
    });

    test("a key of a declared resource is held in the same place, free in another place, whatever the profile", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("new"), false, holding("new", ["a", "b"]));
        await ownership.onDiff(urn("new"), [], { ...at("new", []), keys: [] });
        expect(await ownership.judge(deletion("old", ["a", "c"]))).toMatchObject({ free: ["c"], held: ["a"] });
        expect(await ownership.judge(deletion("old", ["a"], { place: ["cn-north-4", "p2"] }))).toMatchObject({
            free: ["a"],
        });
        expect(await ownership.judge(deletion("old", ["a"], { kind: "vias" }))).toMatchObject({ free: ["a"] });
    });

    test("a key is undecided while the place is not known, and free if the given region is another", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("new"), true, holding("new", ["a"], { given: ["cn-north-4", undefined] }));
        expect(await ownership.judge(deletion("old", ["a", "b"]))).toMatchObject({
            free: ["b"],
            undecided: ["a"],
            holders: { undecided: [urn("new")] },
        });
        expect(await ownership.judge(deletion("old", ["a"], { place: ["cn-east-3", "p3"] }))).toMatchObject({
            free: ["a"],
        });
    });

    test("every key is undecided while a resource has unknown ids", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("new"), true, holding("new", ["b"], { complete: false }));
        expect(await ownership.judge(deletion("old", ["a"]))).toMatchObject({ undecided: ["a"] });
        await ownership.onMade(urn("new"), at("new", ["b", "c"]));
        expect(await ownership.judge(deletion("old", ["a", "c"]))).toMatchObject({ free: ["a"], held: ["c"] });
    });

    test("a diff without a check records nothing, and a diff with replaces adds no place", async () => {
        const ownership = new Ownership(clock);
        await ownership.onDiff(urn("old"), [], at("old", ["a"]));
        expect(await ownership.judge(deletion("old", ["a"]))).toMatchObject({ free: ["a"] });
        await ownership.onCheck(urn("new"), false, holding("new", ["a"]));
        await ownership.onDiff(urn("new"), ["profile"], at("new", ["a"], ["cn-east-3", "p3"]));
        expect(await ownership.judge(deletion("new", ["a"]))).toMatchObject({ undecided: ["a"] });
    });

    test("the id of a batch task that is replaced is free for its delete, and the id of an adopted one is held", async () => {
        const task = { urn: urn("task"), kind: "vias", resource: "vias:BatchTask", complete: true };
        const old = deletion("task", ["t1"], { kind: "vias", deleteBeforeReplace: true });
        for (const [adopt, answer] of [
            [[], { free: ["t1"] }],
            [["t1"], { undecided: ["t1"] }],
        ] as const) {
            const ownership = new Ownership(clock);
            await ownership.onCheck(task.urn, false, { ...task, keys: adopt, given: [] });
            await ownership.onDiff(task.urn, [], { ...task, keys: ["t1"], exact: here });
            expect(await ownership.judge(old)).toMatchObject({ held: ["t1"] });
            await ownership.onCheck(task.urn, true, { ...task, keys: adopt, given: [] });
            const judged = await ownership.judge(old);
            expect({ ...judged, undecided: [...judged.held, ...judged.undecided] }).toMatchObject(answer);
        }
    });

    test("a delete before later resources were checked leaves undecided keys alone and names them", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("set"), true, holding("set", ["a"], { given: ["cn-east-3", undefined] }));
        expect(await ownership.judge(deletion("set", ["a", "b"]))).toMatchObject({
            undecided: ["a", "b"],
            why: expect.stringContaining("before the program has declared all"),
        });
        await ownership.onMade(urn("set"), at("set", ["a"], ["cn-east-3", "p3"]));
        expect(await ownership.judge(deletion("set", ["a", "b"]))).toMatchObject({ free: ["a", "b"] });
    });

    test("for an action that takes nothing away only holders of the same resource type count", async () => {
        const ownership = new Ownership(clock);
        await ownership.onCheck(urn("set"), false, at("set", ["a"]));
        const act = deletion("shared", ["a"], { onlyResource: "metastudio:AssetBatchAction" });
        expect(await ownership.judge(act)).toMatchObject({ free: ["a"] });
        await ownership.onCheck(urn("again"), false, {
            ...at("again", ["a"]),
            resource: "metastudio:AssetBatchAction",
        });
        expect(await ownership.judge(act)).toMatchObject({ held: ["a"] });
    });
});

describe("between the processes of one operation", () => {
    const address = "127.0.0.1:1";
    let directory: string;
    const processOf = () => new Ownership(clock, new FileJournal(address, directory));
    const program = () => new JournalWriter(address, directory);
    const file = () => join(directory, readdirSync(directory)[0] ?? "");

    beforeEach(() => {
        directory = join(mkdtempSync(join(tmpdir(), "ownership-")), "journal");
    });
    afterEach(() => {
        rmSync(join(directory, ".."), { recursive: true, force: true });
    });

    test("a key checked in one process is held in the other, and the file is private and shows no id and no place", async () => {
        const [one, other] = [processOf(), processOf()];
        await one.onCheck(urn("new"), false, holding("new", ["planted-id"]));
        await one.onMade(urn("new"), at("new", ["planted-id"], ["cn-north-4", "planted-project"]));
        const place = ["cn-north-4", "planted-project"];
        expect(await other.judge(deletion("old", ["planted-id", "b"], { place }))).toMatchObject({
            held: ["planted-id"],
            free: ["b"],
            holders: { held: [urn("new")] },
        });
        expect(statSync(file()).mode & 0o777).toBe(0o600);
        expect(statSync(directory).mode & 0o777).toBe(0o700);
        expect(readFileSync(file(), "utf8")).not.toMatch(/planted|cn-north-4/);
    });

    test("the file of another engine's operation is not read", async () => {
        await processOf().onCheck(urn("new"), false, at("new", ["a"]));
        const other = new Ownership(clock, new FileJournal("127.0.0.1:2", directory));
        expect(await other.judge(deletion("old", ["a"]))).toMatchObject({ free: ["a"] });
    });

    test("keys are left alone, with the reason, if the file can't be read or written", async () => {
        await processOf().onCheck(urn("new"), false, at("new", ["a"]));
        writeFileSync(file(), "{half a li");
        expect(await processOf().judge(deletion("old", ["a"]))).toMatchObject({
            undecided: ["a"],
            why: expect.stringContaining("can't be read"),
        });
        rmSync(directory, { recursive: true });
        writeFileSync(directory, "a file");
        const process = processOf();
        await process.onCheck(urn("new"), false, at("new", ["b"]));
        expect(await process.judge(deletion("old", ["a"]))).toMatchObject({
            undecided: ["a"],
            why: expect.stringContaining("written down"),
        });
    });

    test("a directory that others can access is not used, and a destroy fails instead of guessing", async () => {
        mkdirSync(directory);
        chmodSync(directory, 0o777);
        await expect(processOf().judge(deletion("old", ["a"]))).rejects.toThrow(/nothing was deleted/);
    });

    test("with --target a declared key is held without a check, in the place from its state", async () => {
        const writer = program();
        const set = {
            by: "program",
            urn: urn("set"),
            kind: "clouddc",
            resource: "clouddc:InstanceBatchDeletion",
        } as const;
        writer.append({ ...set, keys: [hashOf("clouddc", "a")], complete: true, given: [undefined, undefined] });
        expect(await processOf().judge(deletion("dropped", ["a", "b"]))).toMatchObject({
            undecided: ["a"],
            free: ["b"],
        });
        const exact = here.map((value) => hashOf("place", value));
        writer.append({ ...set, exact, registered: hashOf("registered", urn("set"), "id-of-set") });
        expect(await processOf().judge(deletion("dropped", ["a", "b"]))).toMatchObject({ held: ["a"], free: ["b"] });
    });

    test("destroy --run-program deletes what the program declares, also after a rename; after a check it counts as an up", async () => {
        const set = {
            by: "program",
            urn: urn("set", "renamed"),
            kind: "clouddc",
            resource: "clouddc:InstanceBatchDeletion",
        } as const;
        const exact = here.map((value) => hashOf("place", value));
        const registered = hashOf("registered", urn("set"), "id-of-set");
        program().append({ ...set, keys: [hashOf("clouddc", "a")], exact, registered });
        expect(await processOf().judge(deletion("set", ["a"]))).toMatchObject({ free: ["a"] });
        const updating = processOf();
        await updating.onCheck(urn("other"), false, at("other", ["z"]));
        expect(await updating.judge(deletion("set", ["a"]))).toMatchObject({ held: ["a"] });
    });

    test("the file of a killed operation is removed after a day; younger files and foreign files stay", async () => {
        mkdirSync(directory, { mode: 0o700 });
        for (const name of ["127.0.0.1_9-1.ndjson", "127.0.0.1_8-2.ndjson", "other.txt"]) {
            writeFileSync(join(directory, name), "");
        }
        const longAgo = new Date(Date.UTC(2020, 0, 1));
        utimesSync(join(directory, "127.0.0.1_9-1.ndjson"), longAgo, longAgo);
        utimesSync(join(directory, "other.txt"), longAgo, longAgo);
        await processOf().onCheck(urn("new"), false, at("new", ["a"]));
        const left = readdirSync(directory);
        expect(left).toHaveLength(3);
        expect(left).toEqual(expect.arrayContaining(["127.0.0.1_8-2.ndjson", "other.txt"]));
    });

    test("the end of the operation removes the file", async () => {
        const journal = new FileJournal(address, directory);
        await new Ownership(clock, journal).onCheck(urn("new"), false, at("new", ["a"]));
        journal.discard();
        expect(readdirSync(directory)).toEqual([]);
    });
});
