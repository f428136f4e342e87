/** The plugin as the engine installs it from a stack's state: no program, no node_modules, a fresh home. On the real engine. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ArchiveServer } from "./archive-server";
import { addTargets, alive, declared, deletions, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { checkout, Stack } from "./stack";
import { Tenant } from "./tenant";

let archives: ArchiveServer;
beforeAll(async () => {
    archives = await ArchiveServer.start();
});
afterAll(() => archives.close());

test.each(["nodejs", "yaml", "python"])(
    "a stack is destroyed from an empty directory of runtime %s: the engine installs the plugin that the state names",
    async (runtime) => {
        const tenant = await Tenant.open();
        const ids = await Promise.all(deletions.map((deletion) => addTargets(tenant, deletion, 2)));
        const program = programOf(...deletions.map((deletion, n) => declared(deletion, "destroy", ids[n] ?? [])));
        const stack = await Stack.create({ program, env: tenant.env, face: "plugin" });
        await stack.must("up", "--yes", "--skip-preview");

        const ended = await stack.withoutCode(archives.env, runtime, "destroy", "--yes", "--skip-preview");
        expect(ended.code === 0 ? "" : ended.output).toBe("");
        const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
        expect(archives.asked.at(-1)).toMatch(
            new RegExp(`^pulumi-resource-huaweicloud-batch-v${version}-\\w+-\\w+\\.tar\\.gz$`),
        );
        for (const deletion of deletions) {
            expect(await alive(tenant, deletion)).toEqual([]);
        }
        expect(await stack.resources()).toEqual([]);
    },
);

test("without Node.js on the PATH the launcher says what it needs", () => {
    const launcher = join(checkout, "plugin/pulumi-resource-huaweicloud-batch");
    const ended = spawnSync(launcher, ["127.0.0.1:1"], { env: { PATH: "/nonexistent" }, encoding: "utf8" });
    expect(ended).toMatchObject({
        status: 1,
        stdout: "",
        stderr: "pulumi-resource-huaweicloud-batch needs Node.js 22.19 or later on the PATH, and there is no node\n",
    });
});

// The Node.js that goes in is the one that npm installed here: for another platform it would have to be downloaded.
const [platform, given] =
    process.platform === "linux" && process.arch === "x64" ? ["linux-amd64", test] : ["another platform", test.skip];
given(
    `a self-contained archive destroys a stack where there is no Node.js (linux-amd64; this is ${platform})`,
    async () => {
        const selfContained = await ArchiveServer.start("--self-contained", platform);
        try {
            const tenant = await Tenant.open();
            const ids = await addTargets(tenant, workspaceapp, 2);
            const program = programOf(declared(workspaceapp, "destroy", ids));
            const stack = await Stack.create({ program, env: tenant.env, face: "plugin" });
            await stack.must("up", "--yes", "--skip-preview");
            const destroy = (env: Readonly<Record<string, string>>) =>
                stack.withoutCode({ ...env, PATH: "/nonexistent" }, "yaml", "destroy", "--yes", "--skip-preview");
            expect((await destroy(archives.env)).output).toContain("needs Node.js 22.19 or later on the PATH");
            const ended = await destroy(selfContained.env);
            expect(ended.code === 0 ? "" : ended.output).toBe("");
            expect(await alive(tenant, workspaceapp)).toEqual([]);
        } finally {
            selfContained.close();
        }
    },
);
