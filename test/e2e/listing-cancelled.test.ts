/** What Ctrl-C does to a program that is reading a list. */
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "./interruptions";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

test("Ctrl-C while the program reads a list: the program gets SIGINT, and nothing that depends on the list begins", async () => {
    const tenant = await Tenant.open();
    await tenant.add("clouddc", "instances", 3, { name: "instance-{n}" });
    const stack = await Stack.create({
        program: `
const { clouddc } = require("pulumi-huaweicloud-batch");
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => console.error("program hears " + signal));
module.exports = async () => {
    const found = await clouddc.listInstances({ all: true });
    new clouddc.InstanceBatchDeletion("all", { when: "create", instanceIds: found.map(({ id }) => id) });
};
`,
        env: tenant.env,
    });
    await tenant.control.seed({ faults: [{ fault: "delay", service: "clouddc", ms: 8_000 }] });
    const run = stack.start("up", "--yes", "--skip-preview");
    await until(async () => (await tenant.requests()).length > 0, "reading");
    run.interrupt();
    const { code, output } = await run.ended;
    expect(code).not.toBe(0);
    // The engine ends the process group of the language host, and the program is in it: one without a handler ends at once.
    expect(output).toContain("program hears SIGINT");
    await sleep(9_000);
    expect(await tenant.submissions()).toEqual([]);
    expect(await stack.resources()).toEqual([]);
});
