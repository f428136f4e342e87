import { resolve } from "node:path";
import type { Command } from "./command";

/** Shows what the hooks wrote into a directory that `HUAWEICLOUD_BATCH_REPORT` named. */
export const report: Command = {
    name: "report",
    summary:
        "shows what became of each target, from the files that HUAWEICLOUD_BATCH_REPORT=DIRECTORY makes hooks write",
    positionals: ["DIRECTORY"],
    options: {
        json: { is: "flag", help: "everything, as one JSON object" },
        markdown: { is: "flag", help: "for a pipeline's summary or a comment: at most 60 kB, then a count" },
        junit: { is: "flag", help: "JUnit XML: a case for each target" },
    },
    exclusive: [["json", "markdown", "junit"]],
    notes: ["exit codes: 0 the report is printed, whatever became of the targets; 1 it could not be made"],
    run: async ({ positionals, has }, terminal) => {
        const { asJunit, asMarkdown, asText, readReports } = loadReports();
        const { summary, problems } = await readReports(resolve(terminal.cwd, positionals[0] ?? ""));
        for (const problem of problems) {
            terminal.warn(problem);
        }
        if (has("json")) {
            terminal.print(`${JSON.stringify(summary, undefined, 2)}\n`);
        } else if (has("markdown")) {
            terminal.print(asMarkdown(summary));
        } else if (has("junit")) {
            terminal.print(asJunit(summary));
        } else {
            terminal.print(asText(summary, terminal));
        }
        return 0;
    },
};

function loadReports(): typeof import("../provider/report/reports") {
    return require("../provider/report/reports");
}
