import type { WireAnswer, WireRequest } from "../../src/cloud/http/transport";
import { key, ProviderProcess, place, resources } from "./provider-process";

/** The cloud's texts reach terminals and build logs: in error messages, in states, and in status lines. */

const words: ReadonlyArray<readonly [what: string, said: string]> = [
    ["a colour", "\u001b[31mred\u001b[0m"],
    ["a cleared screen", "\u001b[2J\u001b[Hall is well"],
    ["a window title", "\u001b]0;owned\u0007"],
    ["a link", "\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\"],
    ["a clipboard write", "\u001b]52;c;ZXZpbA==\u0007"],
    ["an 8-bit escape", "\u009b31mred"],
    ["a bell, a backspace, a tab", "\u0007\b\t"],
    ["line breaks", "one\r\ntwo\n\nthree\u2028four\u2029five\u0085six"],
    ["a carriage return that overwrites", "failed\rdone  "],
    ["a workflow command", "::set-output name=token::x"],
    ["a workflow command on a line of its own", "no\n::add-mask::x\n::error file=a::b"],
    ["an environment file's command", "no\n::save-state name=a::b"],
    ["an older workflow command", "##[set-output name=a]b"],
    ["a pipeline command", "##vso[task.setvariable variable=a]b"],
    ["a group", "##[group]x"],
    ["a collapsed section", "\u001b[0Ksection_start:1:x\r\u001b[0K"],
    ["a TeamCity message", "##teamcity[buildStatus text='ok']"],
    ["text that runs backwards", "\u202efdp.exe"],
    ["an invisible character", "a\u200b\u2066b\ufeff"],
    ["a NUL", "a\0b"],
    ["half a character", "a\ud800b"],
];

/** Fit to be shown: no control or format characters, no command of a build service, bounded. */
function expectHarmless(text: string): void {
    for (const line of text.split("\n")) {
        expect(line).toMatch(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{0,1200}$/u);
        expect(line).not.toMatch(/::\S|##(\w*)\[/);
    }
}

/** Answers that say it wherever an API has room for words; each is the body of one status. */
const saying = (said: string): ReadonlyArray<readonly [status: number, body: unknown]> => [
    [
        400,
        {
            error_code: said,
            error_msg: said,
            request_id: said,
            error_details: said,
            detail: said,
            params: [said],
            reason: said,
        },
    ],
    [403, { error_code: "X.1", error_msg: said, request_id: said }],
    [404, { error_code: said, error_msg: said }],
    [409, { code: said, message: said }],
    [500, { error: { code: said, message: said, title: said } }],
    [503, said],
    [
        200,
        {
            job_id: said,
            id: said,
            status: said,
            state: said,
            name: said,
            count: 1,
            total: 1,
            total_count: 1,
            failed_count: 1,
            succeed_count: 0,
            error_list: [said],
            items: [{ id: "a", name: said, status: said }],
            instances: [{ id: "a", name: said, instance_state: said, status: said }],
            apps: [{ id: "a", name: said }],
            entities: [{ task_id: "a", task_name: said }],
            batch_task_list: [{ id: "a", name: said, batch_task_status_info: { [said]: 1 } }],
            assets: [{ asset_id: "a", asset_name: said, asset_state: said }],
            asset_operate_results: [
                { asset_ids: ["a"], ret_status: "FAILED", error_info: { error_code: said, error_msg: said } },
            ],
        },
    ],
];

test.each(words)("%s is made harmless, wherever the cloud says it", async (_, said) => {
    for (const { resource, args } of resources) {
        for (const [status, body] of saying(said)) {
            const answer = (request: WireRequest): WireAnswer => ({
                status,
                headers: { "x-request-id": said, "retry-after": said, location: said },
                body: typeof body === "string" ? `${body} ${request.method}` : JSON.stringify(body),
            });
            const provider = new ProviderProcess({
                env: { ...key, ...place },
                transport: { send: async (request) => answer(request) },
            });
            const ended = await provider.up(resource, { ...args, timeout: "5s" });
            const shown = [
                ...("text" in ended ? [ended.text] : []),
                ...provider.notes,
                ...provider.lines,
                ...strings(ended.is === "done" ? ended.outputs : ended.is === "failed" ? ended.kept : undefined),
            ];
            for (const text of shown) {
                expectHarmless(text);
            }
        }
    }
});

test.each(words)("%s is made harmless, where the cloud says it of a batch task's children", async (_, said) => {
    const args = {
        name: "counting",
        serviceName: "counting",
        serviceVersion: "1.0.0",
        batchInput: { videoSourceGroup: [{ videoSourceGroupId: "north" }] },
        output: { eventCenter: true },
        desiredState: "started",
        timeout: "30s",
    };
    const task = { id: "t1", name: said, state: said, video_source_name: said, error: { code: said, message: said } };
    const row = { id: "b1", name: "counting", state: said, batch_task_status_info: { [said]: 1 } };
    for (const status of [200, 400]) {
        for (const failed of [0, 1]) {
            const provider = new ProviderProcess({
                env: { ...key, ...place },
                transport: {
                    send: async ({ method, url }) => {
                        const reads = method === "GET";
                        const body = reads
                            ? { ...task, count: 1, total: 1, tasks: [task], batch_task_list: [row] }
                            : {
                                  id: "b1",
                                  total_count: 1,
                                  failed_count: failed,
                                  succeed_count: 1 - failed,
                                  error_list: [said],
                              };
                        const refusal = { error_code: said, error_msg: said, reason: said, advice: said };
                        const refuses = status !== 200 && !url.endsWith("/batch-tasks");
                        return {
                            status: refuses ? status : 200,
                            headers: {},
                            body: JSON.stringify(refuses ? refusal : body),
                        };
                    },
                },
            });
            const ended = await provider.up("vias:BatchTask", args);
            const kept = ended.is === "done" ? ended.outputs : ended.is === "failed" ? ended.kept : undefined;
            const shown = ["text" in ended ? ended.text : "", ...provider.notes, ...provider.lines, ...strings(kept)];
            expect(kept).toMatchObject({ batchTaskId: "b1" });
            for (const text of shown) {
                expectHarmless(text);
            }
        }
    }
});

function strings(value: unknown): string[] {
    if (typeof value === "string") {
        return [value];
    }
    return typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([name, inner]) => [name, ...strings(inner)])
        : [];
}

test("what is said of one target stays in the line of its cause", async () => {
    const provider = new ProviderProcess({
        env: { ...key, ...place },
        transport: {
            send: async ({ method }) =>
                method === "GET"
                    ? { status: 200, headers: {}, body: JSON.stringify({ id: "a", status: "ACTIVE" }) }
                    : {
                          status: 400,
                          headers: {},
                          body: JSON.stringify({ error_code: "X.1", error_msg: "no\nimage server b: deleted" }),
                      },
        },
    });
    const ended = await provider.up("workspaceapp:ImageServerBatchDeletion", {
        imageServerIds: ["a"],
        recursive: false,
        when: "create",
    });
    const lines = "text" in ended ? ended.text.split("\n") : [];
    expect(lines.filter((line) => line.includes("image server b"))).toEqual([
        "1 image server failed: X.1 no image server b: deleted: a",
    ]);
});
