/** The plugin as the engine installs it from a stack's state: no program, no node_modules, a fresh home. On the real engine. */
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { addTargets, alive, declared, deletions } from "./deletions";
import { programOf } from "./programs";
import { checkout, Stack } from "./stack";
import { Tenant } from "./tenant";

const folder = mkdtempSync(join(tmpdir(), "archives-"));
const asked: string[] = [];
let server: Server;
let url = "";

beforeAll(async () => {
    execFileSync(process.execPath, ["tools/plugin-archives.mjs", folder], { cwd: checkout });
    server = createServer((request, response) => {
        const name = basename(request.url ?? "");
        asked.push(name);
        const file = join(folder, name);
        if (existsSync(file)) {
            // The engine refuses an answer that does not say its length.
            createReadStream(file).pipe(response.writeHead(200, { "content-length": statSync(file).size }));
        } else {
            response.writeHead(404).end();
        }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});

afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
});

test.each(["nodejs", "yaml", "python"])(
    "a stack is destroyed from an empty directory of runtime %s: the engine installs the plugin that the state names",
    async (runtime) => {
        const tenant = await Tenant.open();
        const ids = await Promise.all(deletions.map((deletion) => addTargets(tenant, deletion, 2)));
        const program = programOf(...deletions.map((deletion, n) => declared(deletion, "destroy", ids[n] ?? [])));
        const stack = await Stack.create({ program, env: tenant.env, face: "plugin" });
        await stack.must("up", "--yes", "--skip-preview");

        const overrides = { PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `^github://api\\.github\\.com/.*=${url}` };
        const ended = await stack.withoutCode(overrides, runtime, "destroy", "--yes", "--skip-preview");
        expect(ended.code === 0 ? "" : ended.output).toBe("");
        const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
        expect(asked.at(-1)).toMatch(
            new RegExp(`^pulumi-resource-huaweicloud-batch-v${version}-\\w+-\\w+\\.tar\\.gz$`),
        );
        for (const deletion of deletions) {
            expect(await alive(tenant, deletion)).toEqual([]);
        }
        expect(await stack.resources()).toEqual([]);
    },
);
