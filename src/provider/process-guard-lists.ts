import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { StackConfiguration } from "../cloud/settings/settings";
import { type GuardLists, readGuardLists } from "./guards/guard-lists";
import { fromProjectFolder } from "./inputs/project-folder";

/** The lists that this process's environment and this stack configuration name. */
export function processGuardLists(
    configuration: StackConfiguration,
    configurationAge: GuardLists["configurationAge"],
): Promise<GuardLists> {
    return readGuardLists({
        env: process.env,
        configuration,
        configurationAge,
        absolutePath: (path) => fromProjectFolder(path, { cwd: process.cwd(), exists: existsSync }),
        readFile: (path) => readFile(path),
    });
}
