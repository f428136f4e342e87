import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { StackConfiguration } from "../cloud/settings/settings";
import { APPROVED_VARIABLE, type GuardLists, readGuardLists } from "./guards/guard-lists";
import { fromProjectFolder } from "./inputs/project-folder";

/** The lists that this process's environment and this stack configuration name. "keep": that of what is approved is left out. */
export function processGuardLists(
    configuration: StackConfiguration,
    configurationAge: GuardLists["configurationAge"],
    which: "all" | "keep" = "all",
): Promise<GuardLists> {
    const { [APPROVED_VARIABLE]: _, ...withoutApproved } = process.env;
    return readGuardLists({
        env: which === "all" ? process.env : withoutApproved,
        configuration,
        configurationAge,
        absolutePath: (path) => fromProjectFolder(path, { cwd: process.cwd(), exists: existsSync }),
        readFile: (path) => readFile(path),
    });
}
