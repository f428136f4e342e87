import { KeepList, keepRulesOfConfiguration, keepRulesOfFile } from "../../../src/provider/guards/keep-list";

const FILE = { variable: "HUAWEICLOUD_BATCH_KEEP", path: "/work/project/keep.txt" };
const UUID = "0b5c2a4e-7d31-4f7e-9c51-1f2e3d4c5b6a";

const listOf = (text: string) => new KeepList([keepRulesOfFile(FILE, text)]);
const configured = (value: string) => new KeepList([keepRulesOfConfiguration(value)]);

describe("a keep list", () => {
    test.each([
        ["an id", UUID, UUID, "anything", true],
        ["another id", UUID, UUID.replace("0b", "1b"), "anything", false],
        ["part of an id", UUID.slice(0, 8), UUID, "anything", false],
        ["an id is no glob", "abc*", "abc1", "other", false],
        ["a name", "db-1", "id1", "db-1", true],
        ["a name that contains it", "db-1", "id1", "db-12", false],
        ["a name in other case", "db-1", "id1", "DB-1", false],
        ["a glob", "db-*", "id1", "db-12", true],
        ["a glob for one letter", "db-?", "id1", "db-12", false],
        ["a name in another Unicode form", "caf\u00e9", "id1", "cafe\u0301", true],
        ["a name with spaces", "my server", "id1", "my server", true],
        [
            "a name as it is written in the console, though it was cleaned when it was read",
            "a  b ::c",
            "id1",
            "a b : :c",
            true,
        ],
        ["a glob over a name that was not cleaned", "a ?", "id1", "a  b", true],
        ["a glob over such a name", "a  *", "id1", "a b", true],
    ])("%s", (_, rule, id, name, expected) => {
        expect(listOf(`${rule}\n`).keeps(id, name)).toBe(expected);
    });

    test("has CRLF, blank lines, comments, white space and no last line end in its file", () => {
        const list = listOf("# kept for good\r\n\r\n  db-1  \r\n\t# more\r\nweb-*");
        expect(["db-1", "web-7", "kept for good", ""].map((name) => list.keeps("id1", name))).toEqual([
            true,
            true,
            false,
            false,
        ]);
        expect(list.size).toBe(2);
    });

    test("keeps both readings of a line that may end in a comment, and counts it once", () => {
        const list = listOf("db-1 # the ledger\nrack #4");
        expect(["db-1", "db-1 # the ledger", "rack #4", "rack"].map((name) => list.keeps("id1", name))).toEqual([
            true,
            true,
            true,
            true,
        ]);
        expect(list.size).toBe(2);
    });

    test("keeps what has no name that can be read, as long as a rule may be one for names", () => {
        expect(listOf(`${UUID}\ndb-1`).keeps("id1", undefined)).toBe(true);
        expect(listOf("db-*").keeps("id1", undefined)).toBe(true);
        // A UUID is no name.
        expect(listOf(`${UUID} # the ledger`).keeps("id1", undefined)).toBe(false);
        expect(listOf(UUID.replaceAll("-", "")).keeps("id1", undefined)).toBe(false);
    });

    test("says whether the id, a name or a name that nobody saw is why", () => {
        const list = listOf(`${UUID}\ndb-*`);
        const source = "the keep list /work/project/keep.txt";
        expect(list.reason(UUID, undefined)).toEqual({ by: "id", source });
        expect(list.reason("id1", "db-1")).toEqual({ by: "name", source, rule: "db-*" });
        expect(list.reason("id1", undefined)).toEqual({ by: "nameNotSeen", source });
        expect(list.reason("id1", "web")).toBeUndefined();
    });

    test.each([
        ["empty", ""],
        ["of comments alone", "# nothing\n\n"],
    ])("a file that is %s is an error", (_, text) => {
        expect(() => listOf(text)).toThrow(
            "HUAWEICLOUD_BATCH_KEEP: /work/project/keep.txt holds no rule: nothing was sent",
        );
    });

    test("a file with control characters is an error, and not a rule that matches nothing", () => {
        expect(() => listOf("db-1\nw\u0000e\u0000b\u0000")).toThrow("line 2 holds control characters");
    });
});

describe("stack configuration keep", () => {
    test.each([
        ["one rule", "db-*"],
        ["commas", "web-1, db-*,"],
        ["lines", "web-1\ndb-*  # the ledger\n"],
        ["a JSON list", '["web-1", " db-* "]'],
    ])("takes %s", (_, value) => {
        const list = configured(value);
        expect(list.keeps("id1", "db-7")).toBe(true);
        expect(list.keeps("id1", "other")).toBe(false);
        expect(list.sizeOfConfiguration).toBe(list.size);
        expect(list.size).toBe(value.includes("web") ? 2 : 1);
    });

    test("keeps a name with a comma in it as well", () => {
        expect(configured("racks 1,2").keeps("id1", "racks 1,2")).toBe(true);
    });

    test.each(['["web-1", 7]', '["web-1"', "[]", '["web-1", " "]', " , "])("refuses %j by name", (value) => {
        expect(() => configured(value)).toThrow(/^stack configuration huaweicloud-batch:keep .*: nothing was sent/);
    });

    test("is united with the file", () => {
        const both = new KeepList([keepRulesOfFile(FILE, "web-1\n"), keepRulesOfConfiguration("db-1")]);
        expect(["web-1", "db-1", "other"].map((name) => both.keeps("id1", name))).toEqual([true, true, false]);
        expect([both.size, both.sizeOfConfiguration]).toEqual([2, 1]);
    });
});
