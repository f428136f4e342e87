import { Stack } from "./stack";

const program = (seconds: number, text: string) => `
const pulumi = require("@pulumi/pulumi");
const provider = {
    create: async (inputs) => {
        console.log("begun");
        await new Promise((resolve) => setTimeout(resolve, inputs.seconds * 1000));
        return { id: "one", outs: { text: inputs.text } };
    },
    update: async (id, olds, news) => ({ outs: { text: news.text } }),
};
class Thing extends pulumi.dynamic.Resource {
    constructor(name, args) { super(provider, name, { text: undefined, ...args }, undefined, "e2e", "Thing"); }
}
exports.text = new Thing("thing", { seconds: ${seconds}, text: ${JSON.stringify(text)} }).text;
`;

test("the real CLI runs a program: up, no-op preview, change, destroy", async () => {
    const stack = await Stack.create({ program: program(0, "first"), config: { "e2e:word": "x" } });
    const up = await stack.up();
    expect(up).toMatchObject({ code: 0, stdout: expect.stringContaining("+ 2 created") });
    expect(up.output).not.toContain("warning");
    expect((await stack.resource("thing")).outputs).toMatchObject({ text: "first" });
    expect((await stack.preview("--expect-no-changes")).code).toBe(0);
    await stack.setProgram(program(0, "second"));
    expect((await stack.preview("--expect-no-changes")).code).not.toBe(0);
    expect((await stack.destroy()).code).toBe(0);
    expect(await stack.resources()).toEqual([]);
    expect(await stack.processes()).toEqual([]);
});

test("a killed CLI leaves its lock and processes; cancel frees the one, close ends the others", async () => {
    const stack = await Stack.create({ program: program(60, "slow") });
    const run = stack.start("up", "--yes", "--skip-preview");
    await run.seen(/begun/);
    run.kill();
    expect((await run.ended).code).toBeNull();
    expect(await stack.processes()).not.toEqual([]);
    expect((await stack.up()).output).toContain("locked");
    expect((await stack.cancel()).code).toBe(0);
    await stack.close();
    expect(await stack.processes()).toEqual([]);
});
