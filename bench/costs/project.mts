import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const checkout = join(import.meta.dirname, "..", "..");

/** Lends a project in a temporary directory that has the built package in its node_modules, and removes it afterwards. */
export async function inProject<T>(
    files: Readonly<Record<string, string>>,
    use: (directory: string) => T | Promise<T>,
): Promise<T> {
    const directory = mkdtempSync(join(tmpdir(), "bench-"));
    try {
        mkdirSync(join(directory, "node_modules"));
        symlinkSync(checkout, join(directory, "node_modules/pulumi-huaweicloud-batch"));
        symlinkSync(join(checkout, "node_modules/@pulumi"), join(directory, "node_modules/@pulumi"));
        for (const [name, text] of Object.entries(files)) {
            writeFileSync(join(directory, name), text);
        }
        return await use(directory);
    } finally {
        rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    }
}
