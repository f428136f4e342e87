import { causeText, hookText, outcomeText, type Summary, type TargetSummary, totalsText } from "../summary/summary";
import { headline } from "./text";

/** A pull-request comment of GitHub takes 65,536 characters. Bytes. */
export const MARKDOWN_BYTES = 60_000;
/** Kept for the line that counts what is left out. */
const RESERVE = 300;

/** For a pipeline's summary or a comment: at most 60 kB, then a count of what is left out. Failures come first. */
export function asMarkdown(summary: Summary): string {
    const page = new Page(MARKDOWN_BYTES - RESERVE);
    page.add(`### ${escaped(headline(summary))}`, "");
    const left = { causes: 0, hooks: 0, targets: 0 };
    for (const cause of summary.causes) {
        left.causes += page.add(`- **${outcomeText(cause.outcome)}**: ${code(causeText(cause))}`) ? 0 : 1;
    }
    page.add("");
    for (const hook of summary.hooks) {
        const noted = hookText(hook);
        if (noted !== undefined) {
            left.hooks += page.add(`- ${code(hook.resource)}, ${hook.hook}: ${code(noted)}`) ? 0 : 1;
        }
    }
    page.add("");
    if (summary.targets.length > 0 && page.add(HEADER)) {
        for (const target of summary.targets) {
            left.targets += page.add(row(target)) ? 0 : 1;
        }
    } else {
        left.targets = summary.targets.length;
    }
    const omitted = [
        ...(left.causes > 0 ? [`${left.causes} causes`] : []),
        ...(left.hooks > 0 ? [`${left.hooks} hooks`] : []),
        ...(left.targets > 0 ? [`${left.targets} of ${summary.targets.length} targets`] : []),
    ];
    const count = omitted.length === 0 ? "" : `\n… and ${omitted.join(", ")} more (in all: ${totalsText(summary)})\n`;
    return `${page.text}${count}`;
}

const HEADER = [
    "| outcome | resource | kind | id | name | reason | request | job | submitted | settled | attempts |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | ---: |",
].join("\n");

function row(target: TargetSummary): string {
    const { outcome, resource, kind, id, name, requestId, job, submittedAt, settledAt, attempts } = target;
    const reason = target.code === undefined ? undefined : `${target.code}: ${target.message ?? ""}`;
    const cells = [
        outcomeText(outcome),
        code(resource),
        escaped(kind),
        code(id),
        code(name),
        code(reason),
        code(requestId),
        code(job),
        submittedAt ?? "",
        settledAt ?? "",
        String(attempts),
    ];
    return `| ${cells.join(" | ")} |`;
}

/** Lines up to a number of bytes. Once one did not fit, no other is taken: what is left out is the end. */
class Page {
    text = "";
    private bytes = 0;
    private isFull = false;

    constructor(private readonly most: number) {}

    add(...lines: readonly string[]): boolean {
        const added = `${lines.join("\n")}\n`;
        const bytes = Buffer.byteLength(added);
        this.isFull ||= this.bytes + bytes > this.most;
        if (this.isFull) {
            return false;
        }
        this.bytes += bytes;
        this.text += added;
        return true;
    }
}

/** What others have written, word for word: no mark-up, link or mention of it takes effect. */
function code(text: string | undefined): string {
    const plain = (text ?? "").replaceAll(/\s+/g, " ").replaceAll("`", "'").replaceAll("|", "\\|").trim();
    return plain === "" ? "" : `\`${plain}\``;
}

function escaped(text: string): string {
    return text.replaceAll(/[\\`*_{}[\]<>#|&~]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
