/** A YAML program on the real engine, with the plugin downloaded that it names. */
import { ArchiveServer } from "./archive-server";
import { addTargets, alive, workspaceapp } from "./deletions";
import { hostEnvironment } from "./language-hosts";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

// Building the host takes minutes, so it is not done here. `npm run languages` does, and runs this too.
const host = process.env.BUILD_HOSTS === "1" ? hostEnvironment("yaml") : hostEnvironment("yaml", "--cached");
const MISSING = "SKIPPED, for there is no YAML host: npm run languages builds it. ";
const given = host === undefined ? test.skip : test;

given(
    `${host === undefined ? MISSING : ""}the YAML example deletes with the stack what its configuration names, with the code and from an empty directory`,
    async () => {
        const archives = await ArchiveServer.start();
        try {
            const tenant = await Tenant.open();
            const ids = await addTargets(tenant, workspaceapp, 2);
            const others = await addTargets(tenant, workspaceapp, 1);
            const stack = await Stack.ofProject("examples/teardown-yaml", { ...tenant.env, ...archives.env, ...host });
            for (const [n, id] of ids.entries()) {
                await stack.must("config", "set", "--path", `imageServerIds[${n}]`, id);
            }
            await stack.must("up", "--yes", "--skip-preview");
            expect((await stack.resource("image-servers")).outputs).toMatchObject({ remaining: 2 });
            expect(await alive(tenant, workspaceapp)).toEqual([...ids, ...others].sort());
            await stack.must("destroy", "--yes", "--skip-preview");
            expect(await alive(tenant, workspaceapp)).toEqual(others);

            await stack.must("config", "set", "--path", "imageServerIds[0]", others[0] ?? "");
            await stack.must("config", "rm", "--path", "imageServerIds[1]");
            await stack.must("up", "--yes", "--skip-preview");
            const ended = await stack.withoutCode(archives.env, "yaml", "destroy", "--yes", "--skip-preview");
            expect(ended.code === 0 ? "" : ended.output).toBe("");
            expect(await alive(tenant, workspaceapp)).toEqual([]);
        } finally {
            archives.close();
        }
    },
);
