import fc from "fast-check";
import { asJunit } from "../../../src/provider/report/render/junit";
import { asMarkdown, MARKDOWN_BYTES } from "../../../src/provider/report/render/markdown";
import { asText } from "../../../src/provider/report/render/text";
import { Collector } from "../../../src/provider/report/summary/collect";
import type { Summary, TargetSummary } from "../../../src/provider/report/summary/summary";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const URN = "urn:pulumi:dev::shop::pulumi-nodejs:dynamic:Resource::old";

/** As the hooks would have written it: 3 image servers, of which one fails, and one is left when the process is killed. */
function summaryOf(error?: string, message = "locked by a snapshot"): Summary {
    const collector = new Collector();
    const take = collector.file("1.ndjson");
    take({
        is: "hook",
        at: at(0),
        call: 1,
        hook: "create",
        urn: URN,
        resource: "workspaceapp:ImageServerBatchDeletion",
    });
    take({ is: "place", at: at(0), call: 1, region: "cn-north-4", projectId: "p1" });
    take({ is: "targets", at: at(0), call: 1, noun: "image server", kinds: [], keys: ["501", "502", "503"] });
    take({ is: "named", at: at(1), call: 1, names: [["501", "web-1"]] });
    take({ is: "submitting", at: at(2), call: 1, operation: "Delete", keys: ["501", "502", "503"] });
    take({ is: "submitted", at: at(3), call: 1, keys: ["501", "502", "503"], job: "4711", requestId: "r1" });
    const failed = { outcome: "failed", code: "WKS.00211999", message, requestId: "r2", job: "4711" } as const;
    take({ is: "settled", at: at(63), call: 1, keys: ["501"], ...failed });
    take({ is: "settled", at: at(64), call: 1, keys: ["502"], outcome: "deleted" });
    if (error !== undefined) {
        take({ is: "ended", at: at(70), call: 1, error });
    }
    return collector.summary();
}

test("the text has totals, then causes, then hooks, then a row for each target, failures first", () => {
    const text = asText(summaryOf(), { colours: false });
    const [headline, , failed, unknown, , hook, , titles, ...rows] = text.trimEnd().split("\n");
    expect(headline).toBe(
        "3 targets: 1 failed, 1 unknown, 1 deleted (2026-01-01T00:00:00.000Z to 2026-01-01T00:01:04.000Z)",
    );
    expect(failed).toBe("failed   1 image server: WKS.00211999 locked by a snapshot (request r2): 501; job 4711");
    expect(unknown).toMatch(
        /^unknown {2}1 image server: Interrupted no outcome is written: .* \(request r1\): 503; job 4711$/,
    );
    expect(hook).toBe("old, create: no end is written: it was killed, or still runs");
    expect(titles).toMatch(/^OUTCOME +RESOURCE +KIND +ID +NAME +REQUEST +JOB +SUBMITTED +SETTLED +ATTEMPTS +REASON$/);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
        [
            "failed",
            "old",
            "image server",
            "501",
            "web-1",
            "r2",
            "4711",
            at(2),
            at(63),
            "1",
            "WKS.00211999: locked by a snapshot",
        ],
        ["unknown", "old", "image server", "503", "r1", "4711", at(2), "1", expect.stringMatching(/^Interrupted: /)],
        ["deleted", "old", "image server", "502", "r1", "4711", at(2), at(64), "1"],
    ]);
});

test("colours are for a terminal that shows them, and nothing else of the text differs", () => {
    const coloured = asText(summaryOf(), { colours: true });
    expect(coloured).toContain("\u001b[31mfailed");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours
    expect(coloured.replaceAll(/\u001b\[\d+m/g, "")).toBe(asText(summaryOf(), { colours: false }));
});

test("an empty directory makes an empty report", () => {
    const empty = new Collector().summary();
    expect(asText(empty, { colours: false })).toBe("0 targets\n");
    expect(asMarkdown(empty)).toContain("0 targets");
    expect(elementsOf(asJunit(empty))).toEqual(["testsuites"]);
});

function manyTargets(count: number, name: string): Summary {
    const summary = summaryOf();
    const target = (n: number): TargetSummary => ({
        resource: "old",
        urn: URN,
        kind: "image server",
        id: String(n),
        name,
        outcome: n < 10 ? "failed" : "deleted",
        code: "WKS.1",
        message: "locked",
        attempts: 1,
    });
    const totals = { ...summary.totals, targets: count, deleted: count - 10, failed: 10, unknown: 0 };
    return { ...summary, totals, targets: Array.from({ length: count }, (_, n) => target(n)) };
}

test.each(["web", "☂".repeat(200)])(
    "Markdown has at most 60 kB, however many targets there are, and counts the rest",
    (name) => {
        const markdown = asMarkdown(manyTargets(5_000, name));
        expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(MARKDOWN_BYTES);
        expect(Buffer.byteLength(markdown)).toBeGreaterThan(0.95 * MARKDOWN_BYTES);
        const shown = markdown.match(/^\| (failed|deleted)/gm) ?? [];
        expect(shown.slice(0, 10).every((row) => row === "| failed")).toBe(true);
        expect(markdown).toContain(
            `… and ${5_000 - shown.length} of 5000 targets more (in all: 10 failed, 4990 deleted)`,
        );
        expect(asMarkdown(manyTargets(20, "web"))).not.toContain("…");
    },
);

test("what others wrote takes no effect in Markdown", () => {
    const message = "see [this](http://x) | `rm` <img src=x> @everyone\n# title";
    const markdown = asMarkdown(summaryOf("boom `| @all", message));
    for (const row of markdown.split("\n").filter((line) => line.startsWith("| "))) {
        expect(row.replaceAll("\\|", "").split("|")).toHaveLength(13);
    }
    // All of it lies between backticks.
    const outside = markdown.replaceAll(/`[^`\n]*`/g, "");
    for (const word of ["http://x", "<img", "@everyone", "@all", "# title"]) {
        expect(markdown).toContain(word);
        expect(outside).not.toContain(word);
    }
});

/** The names of all elements, in order. Throws where the XML is not well-formed. */
function elementsOf(xml: string): string[] {
    if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(xml)) {
        throw new Error("a character that XML 1.0 can't hold");
    }
    const names: string[] = [];
    const open: string[] = [];
    const body = xml.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, "");
    for (const [token, text, tag] of body.matchAll(/([^<]+)|<([^>]*)>/g)) {
        const content = text ?? "";
        if (/&(?!(amp|lt|gt|quot|#\d+);)/.test(token) || (text !== undefined && content.includes(">"))) {
            throw new Error(`not escaped: ${token}`);
        }
        if (tag === undefined) {
            if (open.length === 0 && content.trim() !== "") {
                throw new Error(`text outside of the root: ${content}`);
            }
        } else if (tag.startsWith("/")) {
            if (open.pop() !== tag.slice(1)) {
                throw new Error(`${token} closes another element`);
            }
        } else {
            const [, name = "", empty] = /^([a-z-]+)(?: [a-z]+="[^"<]*")*(\/?)$/.exec(tag) ?? [];
            if (name === "" || (open.length === 0 && names.length > 0)) {
                throw new Error(`no element: ${token}`);
            }
            names.push(name);
            if (empty !== "/") {
                open.push(name);
            }
        }
    }
    if (open.length > 0) {
        throw new Error(`not closed: ${open.join()}`);
    }
    return names;
}

test("JUnit has a suite for each resource and a case for each target: failed is a failure, unknown an error", () => {
    const xml = asJunit(summaryOf());
    expect(elementsOf(xml)).toEqual([
        "testsuites",
        "testsuite",
        ...["testcase", "failure", "system-out"],
        ...["testcase", "error", "system-out"],
        ...["testcase", "system-out"],
    ]);
    expect(xml).toContain(
        '<testsuites name="pulumi-huaweicloud-batch" tests="3" failures="1" errors="1" skipped="0" time="123.000">',
    );
    expect(xml).toContain('<testcase name="image server 501 (web-1)" classname="old" time="61.000">');
    expect(xml).toContain('<failure type="WKS.00211999" message="WKS.00211999: locked by a snapshot"/>');
});

test("JUnit shows a hook that failed though no target of it did", () => {
    const collector = new Collector();
    const take = collector.file("1.ndjson");
    take({ is: "hook", at: at(0), call: 1, hook: "delete", urn: URN, resource: "clouddc:InstanceBatchDeletion" });
    take({ is: "ended", at: at(2), call: 1, error: "CredentialsMissing: none" });
    const xml = asJunit(collector.summary());
    expect(elementsOf(xml)).toEqual(["testsuites", "testsuite", "testcase", "error", "system-out"]);
    expect(xml).toContain('<error type="HookFailed" message="CredentialsMissing: none"/>');
});

test("JUnit is well-formed whatever stands in the messages", () => {
    fc.assert(
        fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (error, message) => {
            for (const text of [`${error}\u0000\u001b[31m\ud800]]>"'&<`, message]) {
                elementsOf(asJunit(summaryOf(text, text)));
            }
        }),
    );
    const xml = asJunit(summaryOf(undefined, "bell\u0007 and escape\u001b"));
    expect(xml).toContain("bell\\u0007 and escape\\u001b");
});
