import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "../../emulator/src";
import { asJunit, asMarkdown, asText, readReports } from "../../src/provider/report/reports";
import { IMAGE_SERVERS, inRealTime, ProviderProcess } from "../hostile/provider-process";
import { closeServers, network, serve } from "../hostile/servers";
import { found, PLANTED } from "./planted";

/** What the program marks secret is in clear in no report and in no line of the debug log. */

const closing: Array<() => Promise<void> | void> = [];
afterEach(async () => {
    await closeServers();
    await Promise.all(closing.splice(0).map((close) => close()));
});

const key = { HW_ACCESS_KEY: "emulator", HW_SECRET_KEY: "emulator", HW_REGION_NAME: "cn-north-4" };

function processWith(url: string, more: Record<string, string> = {}) {
    const reports = mkdtempSync(join(tmpdir(), "secrets-"));
    closing.push(() => rmSync(reports, { recursive: true }));
    const provider = new ProviderProcess({
        env: {
            ...key,
            ...more,
            HUAWEICLOUD_BATCH_ENDPOINT: url,
            HUAWEICLOUD_BATCH_REPORT: reports,
            HUAWEICLOUD_BATCH_LOG: "debug",
        },
        transport: network(),
        clock: inRealTime,
    });
    const shown = async () => {
        const { summary } = await readReports(reports);
        const files = readdirSync(reports).map((name) => readFileSync(join(reports, name), "utf8"));
        const pages = [asText(summary, { colours: false }), asMarkdown(summary), asJunit(summary)];
        return { summary, text: [...pages, ...files, JSON.stringify(summary), ...provider.notes].join("\n") };
    };
    return { provider, shown };
}

test("secret ids are read as #1 of 3 in every report and in the debug log, and the names of their things are left out", async () => {
    const ids = ["61110001", "61110002", "61110003"];
    const { url, control, close } = await startEmulator({ speed: 1000 });
    closing.push(close);
    await control.seed({
        objects: [
            {
                service: "workspaceapp",
                kind: "imageServers",
                objects: ids.map((id) => ({ id, name: `name-of-${id}` })),
            },
        ],
        outcomes: [
            {
                service: "workspaceapp",
                process: "delete-image-server",
                outcome: "fail",
                code: "WKS.1",
                message: "no",
                times: 1,
            },
        ],
    });
    const { provider, shown } = processWith(url);
    const args = { imageServerIds: ids, recursive: false, when: "create", timeout: "30s" };
    await provider.up(IMAGE_SERVERS, { ...args, __secrets: ["imageServerIds"] });
    const { summary, text } = await shown();
    expect(summary.totals).toMatchObject({ targets: 3, deleted: 2, failed: 1 });
    expect(summary.targets.map(({ id }) => id).sort()).toEqual(["#1 of 3", "#2 of 3", "#3 of 3"]);
    expect(summary.targets.map(({ name }) => name)).toEqual([undefined, undefined, undefined]);
    for (const id of ids) {
        expect(text).not.toContain(id);
    }
    const log = provider.notes.filter((note) => note.startsWith("workspaceapp BatchDeleteImageServer: 2"));
    expect(log).toEqual([
        expect.stringMatching(/: 200 in \d+ ms, attempt 1, request \w+, targets #1 of 3, #2 of 3, #3 of 3$/),
    ]);
    // The same without the mark: what is looked for would be found.
    const open = processWith(url);
    await open.provider.up(IMAGE_SERVERS, args);
    expect((await open.shown()).text).toContain(ids[0]);
});

test("a webhook header that the cloud repeats is in no report and in no log", async () => {
    const server = await serve((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
            body += String(chunk);
        });
        request.on("end", () => {
            response.writeHead(request.method === "POST" ? 400 : 200, { "x-request-id": PLANTED.webhookHeader });
            const refusal = { error_code: "VIAS.00010001", error_msg: `wrong: ${body}`, request_id: body.slice(0, 50) };
            response.end(JSON.stringify(request.method === "POST" ? refusal : { tasks: [], batch_tasks: [] }));
        });
    });
    const { provider, shown } = processWith(server.url, { HW_PROJECT_ID: "p1" });
    const ended = await provider.up("vias:BatchTask", {
        name: "gate",
        serviceName: "people-counting",
        serviceVersion: "1.0.0",
        batchInput: {
            videoSourceGroup: [{ videoSourceGroupId: "b1", videoSourceList: [{ videoSourceId: "c1" }] }],
        },
        output: { webhook: { url: "https://hooks.example.com", headers: { Authorization: PLANTED.webhookHeader } } },
        desiredState: "started",
    });
    expect(ended.is).toBe("failed");
    const { summary, text } = await shown();
    expect(summary.targets).toMatchObject([
        { kind: "batch task", id: "(new)", name: "gate", outcome: "failed", code: expect.any(String), attempts: 1 },
    ]);
    expect(found(text, PLANTED)).toEqual([]);
});
