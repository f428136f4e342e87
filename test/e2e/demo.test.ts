import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shell } from "./shell";
import { checkout } from "./stack";

test("npm run demo: the table, an audit log that agrees, and nothing left behind", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "pulumi-huaweicloud-batch-demo-test-"));
    try {
        await mkdir(join(temporary, "tmp"));
        const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", TMPDIR: join(temporary, "tmp") };
        const cache = process.env.XDG_CACHE_HOME;
        const said = await shell("npm run demo", {
            cwd: checkout,
            env: cache === undefined ? env : { ...env, XDG_CACHE_HOME: cache },
        });
        expect(said).toMatch(/^service +declared +deleted +already gone +failed +requests sent/m);
        for (const service of ["ROMA Connect", "Workspace APP", "CloudDC", "MetaStudio", "VIAS"]) {
            expect(said).toMatch(new RegExp(`^${service} +\\d+ `, "m"));
        }
        expect(said).toContain("The emulator's audit log agrees");
        const left = await readdir(join(temporary, "tmp"));
        // The directory of this user in which the processes of an operation share what is held; its files end with the operation.
        const shared = `pulumi-huaweicloud-batch-${process.getuid?.()}`;
        expect(left.filter((name) => name.startsWith("pulumi-huaweicloud-batch") && name !== shared)).toEqual([]);
        expect(left.includes(shared) ? await readdir(join(temporary, "tmp", shared)) : []).toEqual([]);
    } finally {
        await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
    }
});
