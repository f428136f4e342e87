import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { z } from "zod";

const scriptsSchema = z.object({ scripts: z.object({ predemo: z.string(), demo: z.string() }) });
const root = join(__dirname, "../..");

/** Writes a Node of its own into the project, as an installation does. */
const SET_UP = `
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
mkdirSync("node_modules/.bin", { recursive: true });
writeFileSync("node_modules/.bin/node", "#!/bin/sh\\necho the node that was brought runs $*\\n");
chmodSync("node_modules/.bin/node", 0o755);
`;

// A shell remembers where it found a command: the machine's own Node, which may be too old, for the second one as well.
test("in a new clone the demo runs on the Node that its set-up brings", () => {
    const { predemo, demo } = scriptsSchema.parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8"))).scripts;
    const project = mkdtempSync(join(tmpdir(), "set-up-"));
    try {
        mkdirSync(join(project, "tools"));
        writeFileSync(join(project, "tools/set-up.mjs"), SET_UP);
        writeFileSync(join(project, "package.json"), JSON.stringify({ scripts: { predemo, demo } }));
        const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(root));
        const said = execFileSync("npm", ["run", "demo"], {
            cwd: project,
            env: { ...process.env, PATH: path.join(delimiter) },
            encoding: "utf8",
        });
        expect(said).toContain("the node that was brought runs tools/demo.mts");
    } finally {
        rmSync(project, { recursive: true });
    }
});
