import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { z } from "zod";
import { type EmulatorControl, startEmulator } from "../../emulator/src";
import { type Credentials, configurationCredentials, environmentCredentials } from "../../src/cloud/auth/credentials";
import { Identity } from "../../src/cloud/auth/identity";
import { createCloud } from "../../src/cloud/cloud";
import { createNetwork } from "../../src/cloud/http/network";
import type { Transport, WireAnswer } from "../../src/cloud/http/transport";
import { asJunit, asMarkdown, asText, readReports } from "../../src/provider/report/reports";
import { serviceNames } from "../../src/services/registry";
import { workspaceapp } from "../../src/services/workspaceapp";
import { type Ended, IMAGE_SERVERS, inRealTime, ProviderProcess } from "../hostile/provider-process";
import { closeServers, network, serve } from "../hostile/servers";
import { found, PLANTED } from "./planted";

/**
 * Each kind of credential has a value that nothing else has. Whatever happens, it stands in none of the places that people,
 * logs and states show.
 */

const homeRegion = { HW_REGION_NAME: "cn-north-4" };
const identities: Readonly<Record<string, Record<string, string>>> = {
    "a key": { HW_ACCESS_KEY: PLANTED.accessKey, HW_SECRET_KEY: PLANTED.secretKey },
    "a temporary key": {
        HW_ACCESS_KEY: PLANTED.accessKey,
        HW_SECRET_KEY: PLANTED.secretKey,
        HW_SECURITY_TOKEN: PLANTED.securityToken,
    },
    "a password": { HW_USER_NAME: "planted", HW_DOMAIN_NAME: "emulator", HW_USER_PASSWORD: PLANTED.password },
    "a token": { HW_AUTH_TOKEN: PLANTED.token, HW_PROJECT_ID: "0123456789abcdef0123456789abcdef" },
};

const closing: Array<() => Promise<void>> = [];
afterEach(async () => {
    await closeServers();
    await Promise.all(closing.splice(0).map((close) => close()));
});

/** An emulator that knows the planted user and key, and everything that could show a secret of it. */
async function emulated(
    temporary: boolean,
): Promise<{ url: string; control: EmulatorControl; seen: () => Promise<string> }> {
    const { url, control, close } = await startEmulator({ speed: 1000 });
    closing.push(close);
    const user = "0".repeat(32);
    await control.seed({
        objects: [
            { service: "iam", kind: "users", objects: [{ id: user, name: "planted", password: PLANTED.password }] },
            {
                service: "iam",
                kind: "accessKeys",
                objects: [
                    {
                        access: PLANTED.accessKey,
                        secret: PLANTED.secretKey,
                        user_id: user,
                        temporary: temporary
                            ? { security_token: PLANTED.securityToken, expires_at: Date.now() + 3_600_000 }
                            : null,
                    },
                ],
            },
        ],
    });
    const seen = async () =>
        JSON.stringify([await control.requests(), await control.auditLog(), await control.state()]);
    return { url, control, seen };
}

/** The real network, and the tokens that IAM issued over it. */
function watched(): Transport & { issued: string[] } {
    const real = network();
    const issued: string[] = [];
    return {
        issued,
        send: async (request) => {
            const answer = await real.send(request);
            const token = answer.headers["x-subject-token"];
            if (token !== undefined) {
                issued.push(token);
            }
            return answer;
        },
    };
}

const shownBy = async (provider: ProviderProcess, ends: readonly Ended[], reports: string) =>
    [
        await writtenInto(reports),
        ...provider.notes,
        ...provider.lines,
        ...ends.map((ended) => `${"text" in ended ? ended.text : ""}\n${JSON.stringify(ended)}\n${deep(ended)}`),
        deep(provider.context),
    ].join("\n");

/** The report's files, and what the command shows of them. */
async function writtenInto(reports: string): Promise<string> {
    const { summary, problems } = await readReports(reports);
    expect([problems, summary.hooks.length > 0]).toEqual([[], true]);
    const shown = [asText(summary, { colours: true }), asMarkdown(summary), asJunit(summary), JSON.stringify(summary)];
    const files = readdirSync(reports).map((name) => readFileSync(join(reports, name), "utf8"));
    return [...shown, ...files].join("\n");
}

const logging = (reports: string) => ({ HUAWEICLOUD_BATCH_REPORT: reports, HUAWEICLOUD_BATCH_LOG: "debug" });

function reportsOf(): string {
    const reports = mkdtempSync(join(tmpdir(), "secrets-"));
    closing.push(async () => rmSync(reports, { recursive: true }));
    return reports;
}

const deep = (value: unknown) =>
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null });

describe.each(Object.entries(identities))("with %s", (kind, env) => {
    const args = { imageServerIds: ["1", "2", "3"], recursive: false, when: "create", timeout: "30s" };

    test("a run, its failure, a teardown and the emulator's audit log show nothing", async () => {
        const { url, control, seen } = await emulated(kind === "a temporary key");
        await control.seed({
            objects: [
                { service: "workspaceapp", kind: "imageServers", objects: [{ id: "1" }, { id: "2" }, { id: "3" }] },
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
        const transport = watched();
        const reports = reportsOf();
        const provider = new ProviderProcess({
            env: { ...homeRegion, ...env, ...logging(reports), HUAWEICLOUD_BATCH_ENDPOINT: url },
            transport,
            clock: inRealTime,
        });
        const ends = [
            await provider.up(IMAGE_SERVERS, args),
            await provider.up(IMAGE_SERVERS, { ...args, when: "destroy" }),
        ];
        for (const ended of [...ends]) {
            const outputs = ended.is === "done" ? ended.outputs : ended.is === "failed" ? ended.kept : undefined;
            if (outputs !== undefined) {
                ends.push(await provider.refresh("id", outputs), await provider.destroy("id", outputs));
            }
        }
        // It is run as that identity indeed, but for the token, which no cloud would know.
        expect(ends.some(({ is }) => is === "done")).toBe(kind !== "a token" || ends.length > 2);
        expect(transport.issued.length).toBe(kind === "a password" ? 2 : 0);
        const secrets = {
            ...PLANTED,
            ...Object.fromEntries(transport.issued.map((token, n) => [`issued ${n}`, token])),
        };
        expect(provider.notes.join("\n")).toContain("workspaceapp ");
        expect(found(await shownBy(provider, ends, reports), secrets)).toEqual([]);
        expect(found(await seen(), secrets)).toEqual([]);
        // The search finds what is there: the requests themselves had it.
        expect(found(JSON.stringify(provider.sent.map(({ headers, body }) => [headers, body])), secrets)).not.toEqual(
            [],
        );
    });

    test("a refusal shows nothing, even one that repeats the whole request in every spelling", async () => {
        const tokenOfIam = `MII${"issued/+=0123456789".repeat(20)}`;
        const secrets = { ...PLANTED, tokenOfIam };
        const expires = new Date(Date.now() + 3_600_000).toISOString();
        for (const status of [400, 401, 403, 404, 409, 429, 500, 302]) {
            const echo: Transport = {
                send: async ({ method, url, headers, body = "" }): Promise<WireAnswer> => {
                    if (url.includes("/v3/auth/tokens") && status !== 401) {
                        const token = { token: { expires_at: expires } };
                        return { status: 201, headers: { "x-subject-token": tokenOfIam }, body: JSON.stringify(token) };
                    }
                    if (url.includes("/v3/projects")) {
                        const projects = [{ id: "p1", name: "cn-north-4" }];
                        return { status: 200, headers: {}, body: JSON.stringify({ projects }) };
                    }
                    const carried = [...Object.values(headers), body, ...Object.values(env)];
                    const all = carried.flatMap((value) => [
                        value,
                        encodeURIComponent(value),
                        Buffer.from(value).toString("base64"),
                        JSON.stringify(value),
                    ]);
                    const answers = all.map((said) =>
                        JSON.stringify({ error_code: said, error_msg: `${method} ${said}`, request_id: said }),
                    );
                    const [first = ""] = answers.slice(said++ % answers.length);
                    return { status, headers: {}, body: first };
                },
            };
            let said = 0;
            for (let n = 0; n < 40; n += 1) {
                said = n;
                const reports = reportsOf();
                const provider = new ProviderProcess({
                    env: { ...homeRegion, HW_PROJECT_ID: "p1", ...env, ...logging(reports) },
                    transport: echo,
                });
                const ended = await provider.up(IMAGE_SERVERS, { ...args, timeout: "1s" });
                expect(ended.is).toBe("failed");
                expect(found(await shownBy(provider, [ended], reports), secrets)).toEqual([]);
            }
        }
    });

    test("our objects show nothing to inspect and JSON", async () => {
        const { url } = await emulated(kind === "a temporary key");
        const environment = { ...homeRegion, ...env, HUAWEICLOUD_BATCH_ENDPOINT: url };
        const transport = watched();
        const cloud = createCloud({
            clock: inRealTime,
            random: Math.random,
            transport,
            env: environment,
            readFile: async () => Promise.reject(new Error("none")),
            homeDir: "/home/someone",
            services: serviceNames,
            version: "0.0.0",
        });
        const never = new AbortController().signal;
        const connection = await cloud.connect({}, {}, never);
        const client = connection.client(workspaceapp);
        const error: unknown = await client
            .send(
                { operation: "X", method: "GET", path: ["v1", "nothing"], effect: "reads", answer: z.object({}) },
                never,
            )
            .catch((reason: unknown) => reason);
        const credentials: Credentials | undefined = environmentCredentials(environment);
        if (credentials === undefined) {
            throw new Error("no credentials");
        }
        const ours = {
            cloud,
            connection,
            client,
            error,
            credentials,
            identity: new Identity("identity-1", credentials),
        };
        expect(error).toBeInstanceOf(Error);
        const secrets = {
            ...PLANTED,
            ...Object.fromEntries(transport.issued.map((token, n) => [`issued ${n}`, token])),
        };
        for (const [name, value] of Object.entries(ours)) {
            expect([name, found(`${deep(value)}${JSON.stringify(value)}${String(value)}`, secrets)]).toEqual([
                name,
                [],
            ]);
        }
        expect(found(deep(createNetwork({ env: environment, clock: inRealTime })), secrets)).toEqual([]);
    });
});

test.each([
    ["accessKey", { accessKey: PLANTED.accessKey, secretKey: PLANTED.secretKey, securityToken: PLANTED.securityToken }],
    ["authToken", { authToken: PLANTED.token }],
    ["password", { userName: "u", domainName: "d", password: PLANTED.password }],
])("credentials from stack configuration (%s) show nothing either", (_, values) => {
    const config = Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`huaweicloud-batch:${name}`, value]),
    );
    const credentials = configurationCredentials(config);
    expect(credentials).toBeDefined();
    expect(found(`${deep(credentials)}${JSON.stringify(credentials)}`, PLANTED)).toEqual([]);
});

test("a server that repeats the request over the real network is not repeated", async () => {
    const server = await serve((request, response) => {
        response.writeHead(400);
        response.end(JSON.stringify({ error_code: "X.1", error_msg: JSON.stringify(request.headers) }));
    });
    const provider = new ProviderProcess({
        env: {
            ...homeRegion,
            HW_PROJECT_ID: "p1",
            ...identities["a temporary key"],
            HUAWEICLOUD_BATCH_ENDPOINT: server.url,
        },
        transport: network(),
    });
    const ended = await provider.up(IMAGE_SERVERS, { imageServerIds: ["1"], recursive: false, when: "create" });
    expect("text" in ended && ended.text).toContain("[secret]");
    expect(found(JSON.stringify(ended), PLANTED)).toEqual([]);
});
