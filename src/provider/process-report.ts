import { existsSync } from "node:fs";
import { systemClock } from "../util/clock";
import { fromProjectFolder } from "./inputs/project-folder";
import { ReportFile } from "./report/record/report-file";

/** The report that this process's environment asks for; undefined: none. Its file is made by the first hook that acts. */
export function processReport(env: { readonly HUAWEICLOUD_BATCH_REPORT?: string | undefined }): ReportFile | undefined {
    const path = env.HUAWEICLOUD_BATCH_REPORT;
    if (path === undefined || path === "") {
        return undefined;
    }
    const { version }: { version: string } = require("../../package.json");
    const directory = fromProjectFolder(path, { cwd: process.cwd(), exists: existsSync });
    return new ReportFile({ directory, clock: systemClock, version });
}
