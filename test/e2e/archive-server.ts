/** The plugin's archives, packed anew and served where the engine looks for them instead of at GitHub. */
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { checkout } from "./stack";

export class ArchiveServer {
    /** Names of the files that were asked for. */
    readonly asked: string[] = [];
    private readonly folder = mkdtempSync(join(tmpdir(), "archives-"));
    private readonly server: Server;

    private constructor(options: readonly string[]) {
        execFileSync(process.execPath, ["tools/plugin-archives.mjs", this.folder, ...options], { cwd: checkout });
        this.server = createServer((request, response) => {
            const name = basename(request.url ?? "");
            this.asked.push(name);
            const file = join(this.folder, name);
            if (existsSync(file)) {
                // The engine refuses an answer that does not say its length.
                createReadStream(file).pipe(response.writeHead(200, { "content-length": statSync(file).size }));
            } else {
                response.writeHead(404).end();
            }
        });
    }

    /** @param options of tools/plugin-archives.mjs */
    static async start(...options: string[]): Promise<ArchiveServer> {
        const archives = new ArchiveServer(options);
        await new Promise<void>((resolve) => archives.server.listen(0, "127.0.0.1", resolve));
        return archives;
    }

    /** The environment of an engine that installs what a program or a state names. */
    get env(): Record<string, string> {
        const address = this.server.address();
        const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
        return {
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "false",
            PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES: `^github://api\\.github\\.com/.*=${url}`,
        };
    }

    close(): void {
        this.server.close();
        this.server.closeAllConnections();
        rmSync(this.folder, { recursive: true });
    }
}
