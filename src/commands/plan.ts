import type { Plan } from "../provider/assessment/plan";
import type { Command, Given, Terminal } from "./command";
import { planJson } from "./plan-json";
import { planMarkdown } from "./plan-markdown";
import { planText } from "./plan-text";

const NOTHING_TO_DELETE = 0;
const COULD_NOT_TELL = 1;
const SOMETHING_TO_DELETE = 2;

/** What a destroy, or the next up, would do for each target of a stack's state. */
export const plan: Command = {
    name: "plan",
    summary: "shows what a destroy of the stack, or its next up, would delete: from its state and a look at the cloud",
    positionals: [],
    options: {
        stack: { is: "text", value: "NAME", help: "the stack; default: the one that is selected in this directory" },
        file: { is: "text", value: "STATE.json", help: "a file that `pulumi stack export` wrote, instead of a stack" },
        for: { is: "text", value: "OPERATION", help: "destroy (the default), or up: of the unchanged program" },
        json: { is: "flag", help: "prints JSON" },
        markdown: { is: "flag", help: "prints Markdown for a comment on a pull request, at most 60 kB" },
        out: {
            is: "text",
            value: "FILE",
            help: "writes the approved list (HUAWEICLOUD_BATCH_APPROVED) that lets exactly this plan through; one that is in force does not bind it",
        },
        "show-secrets": { is: "flag", help: "reads secret ids too, into memory alone; they are shown as #3 of 30" },
    },
    exclusive: [
        ["stack", "file"],
        ["json", "markdown"],
    ],
    notes: [
        "Exit codes: 0 nothing to delete, 2 something to delete (or to act on), 1 it could not tell.",
        "Reads only. Credentials are those of the environment or a profile, never the state's.",
    ],
    run: async (given, terminal) => {
        const operation = operationOf(given.text("for") ?? "destroy");
        const state = await loadPlanState().readState(
            { stack: given.text("stack"), file: given.text("file"), showSecrets: given.has("show-secrets") },
            terminal,
        );
        const { planInCloud, approvedTextOf } = loadCommandPlan();
        const made = await planInCloud({
            state,
            operation,
            approves: given.has("out"),
            onProgress: (line) => terminal.progress(line),
        });
        terminal.progress("");
        terminal.print(printed(made, given));
        const out = given.text("out");
        if (out !== undefined) {
            await writeApproved(out, made, approvedTextOf, terminal);
        }
        return exitCodeOf(made);
    },
};

function operationOf(text: string): "destroy" | "up" {
    if (text !== "destroy" && text !== "up") {
        throw new Error(`--for ${text}: destroy or up`);
    }
    return text;
}

function printed(made: Plan, given: Given): string {
    if (given.has("json")) {
        return planJson(made);
    }
    return given.has("markdown") ? planMarkdown(made) : planText(made);
}

/** Nothing is written where it could not be told what to approve, or where the file would hold secrets. */
async function writeApproved(
    file: string,
    made: Plan,
    textOf: (made: Plan) => string,
    { cwd, warn }: Pick<Terminal, "cwd" | "warn">,
): Promise<void> {
    const secret = made.resources.filter(({ labels }) => labels.size > 0).map(({ name }) => name);
    if (secret.length > 0) {
        throw new Error(
            `--out: the ids of ${secret.join(", ")} are secret, and a file would show them: nothing was written`,
        );
    }
    const failed = made.resources.filter(({ result }) => "failed" in result).map(({ name }) => name);
    if (failed.length > 0) {
        warn(`--out: nothing was written, for ${failed.join(", ")} could not be looked at`);
        return;
    }
    await loadPlanState().writeWhole(file, textOf(made), cwd);
}

function exitCodeOf({ complete, totals }: Plan): number {
    if (!complete) {
        return COULD_NOT_TELL;
    }
    return totals.due + totals.waits > 0 ? SOMETHING_TO_DELETE : NOTHING_TO_DELETE;
}

function loadPlanState(): typeof import("../provider/dynamic/stack-export") {
    return require("../provider/dynamic/stack-export");
}

function loadCommandPlan(): typeof import("../provider/dynamic/command-plan") {
    return require("../provider/dynamic/command-plan");
}
