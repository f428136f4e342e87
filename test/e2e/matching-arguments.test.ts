import { addTargets, alive, clouddc } from "./deletions";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

/** A program whose rule has a value that is not set. Each way is a resource's `matching`, as JavaScript. */
const program = (matching: string) => `
    const pulumi = require("@pulumi/pulumi");
    const { clouddc } = require("pulumi-huaweicloud-batch");
    const config = new pulumi.Config();
    const unset = config.get("unset");
    new clouddc.InstanceBatchDeletion("left-over", { when: "create", matching: ${matching}, maxItems: 50 });
`;

test("a rule with a value that is not set deletes nothing, however the value comes", async () => {
    const tenant = await Tenant.open();
    const ids = await addTargets(tenant, clouddc, 3);
    const stack = await Stack.create({ program: program("{}"), env: tenant.env });
    for (const [matching, says] of [
        ["{ names: unset, olderThan: '1ms' }", "matching.names is undefined"],
        ["{ names: [pulumi.output(unset)], olderThan: '1ms' }", "matching.names[0] is undefined"],
        ["pulumi.output({ tags: { team: unset }, olderThan: '1ms' })", "matching.tags.team is undefined"],
        ["Promise.resolve({ names: ['i*'], except: pulumi.secret(unset ?? '') })", "matching.except is an empty text"],
        ["pulumi.output(unset)", "must be given, or matching; for no targets"],
        ["{ names: ['*'], states: undefined }", "matching.states is undefined"],
        ["{ names: ['*'] }", "would match everything: names without a letter"],
    ] as const) {
        await stack.setProgram(program(matching));
        const { code, output } = await stack.run("up", "--yes", "--skip-preview");
        expect([matching, output]).toEqual([matching, expect.stringContaining(says)]);
        expect(code).not.toBe(0);
    }
    expect(await alive(tenant, clouddc)).toEqual(ids);
    expect(await tenant.submissions()).toEqual([]);
});
