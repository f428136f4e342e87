import { help, parse } from "../../src/commands/arguments";
import type { Command, Given } from "../../src/commands/command";
import { main } from "../../src/commands/main";
import { Screen } from "./screen";

let ran: Given | undefined;
const command: Command = {
    name: "sweep",
    summary: "sweeps a floor",
    positionals: ["FLOOR"],
    options: {
        json: { is: "flag", help: "prints JSON" },
        markdown: { is: "flag", help: "prints Markdown" },
        out: { is: "text", value: "FILE", help: "writes it to a file" },
    },
    exclusive: [["json", "markdown"]],
    notes: ["exit codes: 0 swept, 1 could not sweep"],
    run: async (given) => {
        ran = given;
        if (given.positionals[0] === "wet") {
            throw new Error("the floor is wet:\n  wait\n  and sweep");
        }
        return 0;
    },
};

async function run(...args: string[]) {
    const screen = new Screen();
    ran = undefined;
    return { code: await main([command], args, screen), out: screen.out, err: screen.err };
}

test("arguments reach the command in whatever order they are given", async () => {
    for (const args of [
        ["kitchen", "--json", "--out", "file"],
        ["--out=file", "--json", "kitchen"],
        ["--json", "--out", "file", "--", "kitchen"],
    ]) {
        expect((await run("sweep", ...args)).code).toBe(0);
        expect([ran?.positionals, ran?.has("json"), ran?.has("markdown"), ran?.text("out")]).toEqual([
            ["kitchen"],
            true,
            false,
            "file",
        ]);
    }
});

test.each([["--help"], ["-h"], ["kitchen", "--help"], ["--help", "--json"]])(
    "%s after a command prints its usage, every option and its exit codes",
    async (...args) => {
        const { code, out, err } = await run("sweep", ...args);
        expect([code, err, ran]).toEqual([0, "", undefined]);
        expect(out).toBe(`${help(command)}\n`);
        expect(out).toMatch(/^usage: pulumi-huaweicloud-batch sweep FLOOR \[--json \| --markdown\] \[--out FILE\]\n/);
        for (const known of ["--json", "--markdown", "--out FILE", "-h, --help", "--version", "exit codes: "]) {
            expect(out).toContain(known);
        }
    },
);

test("--version after a command prints the version", async () => {
    expect((await run("sweep", "--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
    [["--jsn", "kitchen"], "--jsn: no such option; did you mean --json?"],
    [["-j", "kitchen"], "-j: no such option; see --help"],
    [["--no-json", "kitchen"], "--no-json: no such option; did you mean --json?"],
    [["kitchen", "--json=yes"], "--json takes no value"],
    [["kitchen", "--out"], "--out needs a value: --out FILE"],
    [["kitchen", "--out="], "--out needs a value: --out FILE"],
    [["kitchen", "--out", "a", "--out", "b"], "--out is given twice"],
    [["kitchen", "--json", "--markdown"], "--json and --markdown exclude each other"],
    [[], "FLOOR is missing; usage: pulumi-huaweicloud-batch sweep FLOOR [--json | --markdown] [--out FILE]"],
    [
        ["kitchen", "hall"],
        '"hall" is one argument too many; usage: pulumi-huaweicloud-batch sweep FLOOR [--json | --markdown] [--out FILE]',
    ],
    [["wet"], "the floor is wet: wait and sweep"],
])("sweep %j ends in one line and exit 1", async (args, line) => {
    expect(await run("sweep", ...args)).toEqual({ code: 1, out: "", err: `${line}\n` });
});

test("a command that is misspelt is told with the nearest name, and ends with 2", async () => {
    expect(await run("swep")).toEqual({
        code: 2,
        out: "",
        err: "swep: no such command; did you mean sweep?\n",
    });
});

test("an option whose name is one of every object's is unknown", () => {
    expect(() => parse(command, ["--constructor", "kitchen"])).toThrow("--constructor: no such option; see --help");
});
