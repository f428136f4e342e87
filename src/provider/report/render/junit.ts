import { type HookSummary, hookProblem, outcomeText, type Summary, type TargetSummary } from "../summary/summary";

interface Case {
    readonly name: string;
    readonly classname: string;
    /** Seconds. */
    readonly time: number;
    readonly problem?: { readonly is: "failure" | "error"; readonly type: string; readonly message: string };
    readonly output: string;
}

/**
 * JUnit XML: a suite for each resource, a case for each target. "failed" is a failure, "unknown" an error; a hook that failed, or was
 * killed, without a target to show for it is an error too.
 */
export function asJunit(summary: Summary): string {
    const byResource = Map.groupBy(summary.targets, ({ urn }) => urn);
    const hooksByResource = Map.groupBy(summary.hooks, ({ urn }) => urn);
    const urns = new Set([...hooksByResource.keys(), ...byResource.keys()]);
    const suites = [...urns].map((urn) => {
        const targets = byResource.get(urn) ?? [];
        const hooks = hooksByResource.get(urn) ?? [];
        const shown = targets.some(({ outcome }) => outcome === "failed" || outcome === "unknown");
        const cases = [...targets.map(caseOf), ...(shown ? [] : hooks.slice(-1).flatMap(hookCase))];
        return suite(urn, hooks[0], cases);
    });
    const all = suites.flatMap(({ cases }) => cases);
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="pulumi-huaweicloud-batch" ${counts(all)}>`,
        ...suites.map(({ text }) => text),
        "</testsuites>",
        "",
    ].join("\n");
}

function suite(urn: string, hook: HookSummary | undefined, cases: readonly Case[]) {
    const name = urn.split("::").at(-1) ?? urn;
    const timestamp = hook === undefined ? "" : ` timestamp=${attribute(hook.beganAt)}`;
    const text = [
        `  <testsuite name=${attribute(name)} id=${attribute(urn)}${timestamp} ${counts(cases)}>`,
        ...cases.map(
            ({ name: target, classname, time, problem, output }) =>
                `    <testcase name=${attribute(target)} classname=${attribute(classname)} time="${time.toFixed(3)}">${
                    problem === undefined
                        ? ""
                        : `<${problem.is} type=${attribute(problem.type)} message=${attribute(problem.message)}/>`
                }<system-out>${content(output)}</system-out></testcase>`,
        ),
        "  </testsuite>",
    ].join("\n");
    return { text, cases };
}

function counts(cases: readonly Case[]): string {
    const of = (is: "failure" | "error") => cases.filter(({ problem }) => problem?.is === is).length;
    const time = cases.reduce((sum, each) => sum + each.time, 0);
    return `tests="${cases.length}" failures="${of("failure")}" errors="${of("error")}" skipped="0" time="${time.toFixed(3)}"`;
}

function caseOf(target: TargetSummary): Case {
    const { outcome, kind, id, name, resource, code = outcome, message = "", requestId, job, attempts } = target;
    const is = outcome === "failed" ? "failure" : outcome === "unknown" ? "error" : undefined;
    const facts = [
        outcomeText(outcome),
        ...(requestId === undefined ? [] : [`request ${requestId}`]),
        ...(job === undefined ? [] : [`job ${job}`]),
        ...(target.submittedAt === undefined ? [] : [`submitted ${target.submittedAt}`]),
        ...(target.settledAt === undefined ? [] : [`settled ${target.settledAt}`]),
        `${attempts} attempt${attempts === 1 ? "" : "s"}`,
    ];
    return {
        name: `${kind} ${id}${name === undefined ? "" : ` (${name})`}`,
        classname: resource,
        time: secondsBetween(target.submittedAt, target.settledAt),
        ...(is === undefined ? {} : { problem: { is, type: code, message: `${code}: ${message}` } }),
        output: facts.join(", "),
    };
}

function hookCase(hook: HookSummary): readonly Case[] {
    const message = hookProblem(hook);
    return message === undefined
        ? []
        : [
              {
                  name: hook.hook,
                  classname: hook.resource,
                  time: secondsBetween(hook.beganAt, hook.endedAt),
                  problem: { is: "error", type: hook.endedAt === undefined ? "Interrupted" : "HookFailed", message },
                  output: `began ${hook.beganAt}`,
              },
          ];
}

function secondsBetween(from: string | undefined, to: string | undefined): number {
    return from === undefined || to === undefined ? 0 : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

function attribute(text: string): string {
    return `"${content(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;")}"`;
}

/** What XML 1.0 can't hold at all, not even escaped, is spelled out: `\u001b`. */
function content(text: string): string {
    return text
        .replaceAll("\r", "")
        .replaceAll(
            /[^\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu,
            (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
        )
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;");
}
