import { type GuardSources, guardListsText, readGuardLists } from "../../../src/provider/guards/guard-lists";
import { fromProjectFolder } from "../../../src/provider/inputs/project-folder";

const files: Readonly<Record<string, string | Uint8Array>> = {
    "/work/project/keep.txt": "\ufeffdb-*\nweb-1\n",
    "/work/project/approved.txt": "a1\n",
    "/work/project/utf16.txt": Uint8Array.from([0xff, 0xfe, 0x61, 0x00]),
    "/work/project/latin1.txt": Uint8Array.from([0x63, 0x61, 0x66, 0xe9]),
    "/work/project/empty.txt": "",
    "/work/project/bad-list.txt": "web-*",
};

const sources = (env: GuardSources["env"], configuration: Record<string, string> = {}): GuardSources => ({
    env,
    configuration,
    configurationAge: "current",
    absolutePath: (path) =>
        fromProjectFolder(path, { cwd: "/work/project/src", exists: (file) => file === "/work/project/Pulumi.yaml" }),
    readFile: async (path) => {
        const content = files[path];
        if (content === undefined) {
            throw Object.assign(new Error("no such file"), { code: path.includes("secret") ? "EACCES" : "ENOENT" });
        }
        return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
});

test("without a setting nothing is kept, and nothing needs an approval", async () => {
    const lists = await readGuardLists(sources({}));
    expect([lists.keep.size, lists.approved, guardListsText(lists)]).toEqual([0, undefined, undefined]);
});

test("a byte-order mark is no part of the first rule", async () => {
    const { keep } = await readGuardLists(sources({ HUAWEICLOUD_BATCH_KEEP: "keep.txt" }));
    expect([keep.keeps("id1", "db-1"), keep.size]).toEqual([true, 2]);
});

test("the row says how long the lists are, and that rules of stack configuration may be those of the last up", async () => {
    const given = sources(
        { HUAWEICLOUD_BATCH_KEEP: "keep.txt", HUAWEICLOUD_BATCH_APPROVED: "approved.txt" },
        { "huaweicloud-batch:keep": "rack-*" },
    );
    expect(guardListsText(await readGuardLists(given))).toBe(
        "keep list: 3 rules (1 from stack configuration), approved list: 1 id",
    );
    const old = await readGuardLists({ ...given, configurationAge: "perhapsOfLastUp" });
    expect(guardListsText(old)).toBe(
        "keep list: 3 rules (1 from the stack configuration of the last up), approved list: 1 id",
    );
});

test.each([
    ["HUAWEICLOUD_BATCH_KEEP", "none.txt", "/work/project/none.txt can't be read (ENOENT: there is no such file)"],
    ["HUAWEICLOUD_BATCH_KEEP", "/etc/secret", "/etc/secret can't be read (EACCES)"],
    ["HUAWEICLOUD_BATCH_KEEP", "empty.txt", "/work/project/empty.txt holds no rule"],
    ["HUAWEICLOUD_BATCH_KEEP", "utf16.txt", "/work/project/utf16.txt is not UTF-8 text; PowerShell's > writes UTF-16"],
    ["HUAWEICLOUD_BATCH_KEEP", "latin1.txt", "/work/project/latin1.txt is not UTF-8 text"],
    ["HUAWEICLOUD_BATCH_APPROVED", "none.txt", "/work/project/none.txt can't be read"],
    ["HUAWEICLOUD_BATCH_APPROVED", "empty.txt", "/work/project/empty.txt is empty"],
    ["HUAWEICLOUD_BATCH_APPROVED", "bad-list.txt", "/work/project/bad-list.txt has a wildcard in line 1"],
] as const)("%s=%s stops everything", async (variable, path, problem) => {
    await expect(readGuardLists(sources({ [variable]: path }))).rejects.toThrow(`${variable}: ${problem}`);
    await expect(readGuardLists(sources({ [variable]: path }))).rejects.toThrow("nothing was sent");
});

test.each(["HUAWEICLOUD_BATCH_KEEP", "HUAWEICLOUD_BATCH_APPROVED"] as const)(
    "%s that is set and empty is no guard left out, but an error",
    async (variable) => {
        await expect(readGuardLists(sources({ [variable]: "" }))).rejects.toThrow(`${variable} is set, and is empty`);
    },
);

test.each([
    ["HUAWEICLOUD_BATCH_APROVED", "HUAWEICLOUD_BATCH_APPROVED"],
    ["HUAWEICLOUD_BATCH_APPROVED_FILE", "HUAWEICLOUD_BATCH_APPROVED"],
    ["HUAWEICLOUD_BATCH_APPROVALS", "HUAWEICLOUD_BATCH_APPROVED"],
    ["HUAWEICLOUD_BATCH_KEEP_LIST", "HUAWEICLOUD_BATCH_KEEP"],
    ["HUAWEICLOUD_BATCH_KEPP", "HUAWEICLOUD_BATCH_KEEP"],
])("%s, which is not known, is refused: without it there would be no such guard", async (name, meant) => {
    await expect(readGuardLists(sources({ [name]: "keep.txt" }))).rejects.toThrow(
        `${name} is not known (did you mean ${meant}?)`,
    );
});

test("variables that mean something else are no misspelt guards", async () => {
    const env = {
        HUAWEICLOUD_BATCH_TIMEOUT: "1h",
        HUAWEICLOUD_BATCH_REPORT: "report",
        HUAWEICLOUD_BATCH_LOG: "debug",
        HUAWEICLOUD_BATCH_PREVIEW: "off",
        HUAWEICLOUD_BATCH_ENDPOINT_ROMA: "http://127.0.0.1:1",
        HUAWEICLOUD_BATCH_TIMEOTU: "1h",
        KEEP: "keep.txt",
    };
    expect(await readGuardLists(sources(env))).toMatchObject({ keep: { size: 0 } });
});

describe("a relative path", () => {
    const exists = (...there: string[]) => ({
        cwd: "/work/project/src/deep",
        exists: (path: string) => there.includes(path),
    });

    test.each([
        [
            "the folder of Pulumi.yaml, wherever below it the process works",
            ["/work/project/Pulumi.yaml"],
            "/work/project/a.txt",
        ],
        ["Pulumi.yml as well", ["/work/project/src/Pulumi.yml"], "/work/project/src/a.txt"],
        ["the nearest of two projects", ["/work/Pulumi.yaml", "/work/project/Pulumi.yaml"], "/work/project/a.txt"],
        ["the working directory where there is no project", [], "/work/project/src/deep/a.txt"],
    ] as const)("counts from %s", (_, there, expected) => {
        expect(fromProjectFolder("a.txt", exists(...there))).toBe(expected);
    });

    test("an absolute one stays as it is", () => {
        expect(fromProjectFolder("/etc/../keep.txt", exists("/work/Pulumi.yaml"))).toBe("/keep.txt");
    });
});
