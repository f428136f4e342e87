import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(__dirname, "..");

/** The files that are published, in a project of their own: jest's module registry is not Node's. */
export class PublishedPackage {
    readonly project = mkdtempSync(join(tmpdir(), "package-"));
    readonly dist = join(this.project, "package/dist");

    constructor() {
        mkdirSync(this.dist, { recursive: true });
        execFileSync(process.execPath, ["tools/bundle.mjs", this.dist], { cwd: root });
        copyFileSync(join(root, "package.json"), join(this.project, "package/package.json"));
        symlinkSync(join(root, "node_modules"), join(this.project, "node_modules"));
    }

    /** What a program of this text prints, in the project's folder. */
    run(name: string, text: string): string {
        const file = join(this.project, name);
        writeFileSync(file, text);
        return execFileSync(process.execPath, [file], { encoding: "utf8" });
    }

    remove(): void {
        rmSync(this.project, { recursive: true });
    }
}

/** The modules of which a bundle is made: esbuild writes the path of each above it, and names the function that loads it by it. */
export const partsOf = (text: string): string[] =>
    [...text.matchAll(/^\s*\/\/ ((?:src|node_modules)\/\S+\.\w+)$|"((?:src|node_modules)\/[^"\s]+\.\w+)"\(/gm)].map(
        ([, above, name]) => above ?? name ?? "",
    );
