/** The shim is written by hand and never compiled: its text is what a stack's state holds. */
import { copyFile, mkdir } from "node:fs/promises";

await mkdir("dist/provider/dynamic/shim", { recursive: true });
for (const name of ["shim.cjs", "shim.d.cts"]) {
    await copyFile(`src/provider/dynamic/shim/${name}`, `dist/provider/dynamic/shim/${name}`);
}
