/**
 * Installs and compiles what is not there yet, for commands that are to work right after a clone.
 * Plain JavaScript: it runs on the Node that the machine has, before the one that we bring is installed.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const SIGN_OF_LIFE = 15_000;

async function step(title, command, args) {
    console.log(`${title} ...`);
    const begin = Date.now();
    const signOfLife = setInterval(
        () => console.log(`    ... ${Math.round((Date.now() - begin) / 1000)} s`),
        SIGN_OF_LIFE,
    );
    const said = [];
    try {
        await new Promise((resolve, reject) => {
            const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
            child.stdout.on("data", (chunk) => said.push(chunk));
            child.stderr.on("data", (chunk) => said.push(chunk));
            child.once("error", reject);
            child.once("close", (code) =>
                code === 0 ? resolve() : reject(new Error(`\`${command} ${args.join(" ")}\` exited with ${code}`)),
            );
        });
    } catch (error) {
        process.stdout.write(Buffer.concat(said));
        throw error;
    } finally {
        clearInterval(signOfLife);
    }
}

/** By content, not by date: to check out another branch and come back needs no new installation. */
function isInstalled() {
    const record = "node_modules/.package-lock.json";
    if (!existsSync(record)) {
        return false;
    }
    const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const installed = packagesOf(record);
    return Object.entries(packagesOf("package-lock.json"))
        .filter(([place]) => place.startsWith("node_modules/"))
        .every(([place, { version, optional }]) =>
            installed[place] === undefined ? optional === true : installed[place].version === version,
        );
}

/** Compiling ends with the shim. */
function isCompiled() {
    const last = "dist/provider/dynamic/shim/shim.cjs";
    const sources = ["src", "emulator/src"].flatMap((folder) =>
        readdirSync(folder, { recursive: true }).map((name) => join(folder, name)),
    );
    return (
        existsSync(last) &&
        [...sources, "tsconfig.json", "tsconfig.build.json", "emulator/tsconfig.build.json", "package.json"].every(
            (file) => statSync(file).mtimeMs <= statSync(last).mtimeMs,
        )
    );
}

try {
    if (!isInstalled()) {
        await step("installing dependencies (npm ci)", "npm", ["ci"]);
    }
    if (!isCompiled()) {
        await step("compiling the package (npm run build)", "npm", ["run", "build"]);
    }
} catch (error) {
    console.error(error.message);
    process.exitCode = 1;
}
