/**
 * One operation, several provider processes: the plugin for an explicit provider beside the default one, and both faces in one program.
 * What one of them is told to delete, and another one holds, lives. On the real engine.
 */
import { join } from "node:path";
import { addTargets, alive, declared, deletions } from "./deletions";
import { type Declared, programOf } from "./programs";
import { checkout, Stack } from "./stack";
import { Tenant } from "./tenant";

const UP = ["up", "--yes", "--skip-preview"] as const;

/** The plugin's classes in a program that has the dynamic ones too; no alias leads from one to the other. */
const PLUGIN = `
const pulumi = require("@pulumi/pulumi");
const cloud = require("pulumi-huaweicloud-batch");
const plugin = require(${JSON.stringify(join(checkout, "test/e2e/plugin-sdk.cjs"))})(pulumi, { aliased: false });
const own = new plugin.Provider("own", { region: "cn-north-4" });
`;

type By = "dynamic" | "plugin" | "explicit";

/** A program whose resources are served by several processes. */
function programBy(...parts: ReadonlyArray<readonly [By, readonly Declared[]]>): string {
    const lines = parts.flatMap(([by, resources]) =>
        resources.map(({ type, name, args }) => {
            const options = by === "explicit" ? "{ provider: own }" : "{}";
            const namespace = by === "dynamic" ? "cloud" : "plugin";
            return `new ${namespace}.${type}(${JSON.stringify(name)}, ${JSON.stringify(args)}, ${options});`;
        }),
    );
    return [PLUGIN, ...lines].join("\n");
}

test("ids that resources of both faces and of two providers declare live until the last of them goes, each deleted once", async () => {
    const tenant = await Tenant.open();
    const ids = await Promise.all(deletions.map((deletion) => addTargets(tenant, deletion, 4)));
    const holding = (name: string, ...which: readonly number[]) =>
        deletions.map((deletion, n) =>
            declared(
                deletion,
                "destroy",
                which.map((at) => ids[n]?.[at] ?? ""),
                { name: `${deletion.service}-${name}` },
            ),
        );
    const expectAlive = async (...which: readonly number[]) => {
        for (const [n, deletion] of deletions.entries()) {
            const left = which.map((at) => ids[n]?.[at]);
            expect([deletion.service, await alive(tenant, deletion)]).toEqual([deletion.service, left]);
        }
    };
    const stack = await Stack.create({ program: programOf(...holding("targets", 0, 1)), env: tenant.env });
    await stack.setFace("dynamic", { knowsPlugin: true });
    const types = async () => [...new Set((await stack.resources()).map(({ type }) => type.split(":")[0]))].sort();
    await stack.must(...UP);

    // From the dynamic type to the plugin's without an alias: made anew, and the old one deleted by another process.
    await stack.setProgram(programBy(["plugin", holding("targets", 0, 1)]));
    const warned = await stack.run("preview", "--expect-no-changes");
    expect(warned.code).not.toBe(0);
    const { output } = await stack.must(...UP);
    expect(output).toContain("2 of 2 image servers left alone: this program declares them (workspaceapp-targets)");
    await expectAlive(0, 1, 2, 3);
    expect(await types()).toEqual(["huaweicloud-batch"]);

    const others = [
        ["explicit", holding("explicit", 0, 2)],
        ["dynamic", holding("dynamic", 1, 3)],
    ] as const;
    await stack.setProgram(programBy(["plugin", holding("targets", 0, 1)], ...others));
    await stack.must(...UP);
    await stack.setProgram(programBy(["plugin", holding("targets", 0, 1)]));
    await stack.must(...UP);
    await expectAlive(0, 1);

    await stack.setProgram(programBy(["explicit", holding("explicit", 0)], ["dynamic", holding("targets", 1)]));
    await stack.must(...UP);
    await expectAlive(0, 1);
    expect(await types()).toEqual(["huaweicloud-batch", "pulumi-nodejs"]);
    await stack.must("destroy", "--yes", "--skip-preview");
    await expectAlive();
    for (const [n, deletion] of deletions.entries()) {
        expect((await tenant.submitted(deletion.service)).flat().sort()).toEqual(ids[n]);
    }
});

test("a batch task goes from face to face without an alias only where the new one adopts it", async () => {
    const tenant = await Tenant.open();
    const task = (adopt?: string): Declared => ({
        type: "vias.BatchTask",
        name: "task",
        args: {
            name: "counting",
            serviceName: "people-counting",
            serviceVersion: "1.0.0",
            ...(adopt === undefined ? {} : { adopt }),
            batchInput: {
                videoSourceGroup: [
                    {
                        videoSourceGroupId: "b0000000000000000000000000000001",
                        videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
                    },
                ],
            },
            output: { obs: { bucket: "counts", path: "north" } },
        },
    });
    const stack = await Stack.create({ program: programOf(task()), env: tenant.env });
    await stack.setFace("dynamic", { knowsPlugin: true });
    await stack.must(...UP);
    const { id } = await stack.resource("task");

    await stack.setProgram(programBy(["plugin", [task()]]));
    const refused = await stack.up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`batch task ${id} has this name`);
    await stack.setProgram(programBy(["plugin", [task(id)]]));
    await stack.must(...UP);
    expect((await stack.resource("task")).type).toBe("huaweicloud-batch:vias:BatchTask");
    expect(await tenant.ids("vias", "batchTasks")).toEqual([id]);
    expect(await tenant.submitted("vias")).toEqual([]);
});
