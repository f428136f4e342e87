import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "..");

/** The package as it is compiled, in a project of its own: jest's module registry is not Node's. */
export class PublishedPackage {
    readonly project = mkdtempSync(join(tmpdir(), "package-"));
    readonly dist = join(this.project, "package/dist");

    /** Compiled as far as these files of src/ reach. */
    constructor(entries: readonly string[]) {
        const settings = ts.readConfigFile(join(root, "tsconfig.build.json"), ts.sys.readFile);
        const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, root);
        const program = ts.createProgram(
            entries.map((entry) => join(root, "src", entry)),
            { ...options, outDir: this.dist, declaration: false, noCheck: true },
        );
        program.emit();
        mkdirSync(join(this.dist, "provider/dynamic/shim"), { recursive: true });
        copyFileSync(
            join(root, "src/provider/dynamic/shim/shim.cjs"),
            join(this.dist, "provider/dynamic/shim/shim.cjs"),
        );
        copyFileSync(join(root, "package.json"), join(this.project, "package/package.json"));
        symlinkSync(join(root, "node_modules"), join(this.project, "node_modules"));
    }

    /** Makes one file of the provider, as it is published. */
    bundleProvider(): void {
        execFileSync(process.execPath, ["tools/bundle-provider.mjs", this.dist], { cwd: root });
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
