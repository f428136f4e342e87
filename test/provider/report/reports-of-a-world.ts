import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineModel, type Program } from "../../world/engine-model";
import { TestWorld, type WorldOptions } from "../../world/world";

const made: string[] = [];

/** For afterAll. */
export function removeDirectories(): void {
    for (const directory of made.splice(0)) {
        rmSync(directory, { recursive: true, force: true });
    }
}

export function newDirectory(): string {
    const directory = mkdtempSync(join(tmpdir(), "report-"));
    made.push(directory);
    return directory;
}

/** A world whose processes write reports, and an engine in it. */
export function reportingWorld(seed: number, more: Partial<WorldOptions> = {}) {
    const reports = newDirectory();
    const world = new TestWorld({ seed, reports, ...more });
    return { world, reports, engine: new EngineModel(world.clock, world.startProcess, 4) };
}

export type { Program };

export function filesIn(directory: string): readonly string[] {
    return readdirSync(directory)
        .filter((name) => name.endsWith(".ndjson"))
        .sort();
}

export function linesOf(path: string): ReadonlyArray<Record<string, unknown>> {
    return readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
}

/** A copy of a report directory of which each file is cut off after so many of its bytes. */
export function cutOff(directory: string, bytesOf: (file: string, size: number) => number): string {
    const copy = newDirectory();
    mkdirSync(copy, { recursive: true });
    for (const file of filesIn(directory)) {
        const path = join(copy, file);
        copyFileSync(join(directory, file), path);
        truncateSync(path, bytesOf(file, readFileSync(path).length));
    }
    return copy;
}
