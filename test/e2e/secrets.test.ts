import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { found, PLANTED } from "../secrets/planted";
import { type Ended, Stack } from "./stack";
import { Tenant } from "./tenant";

/**
 * Each kind of credential has a value that nothing else has. After runs that succeed, fail, are refused, log all they can and
 * are killed, it is searched for in all that the CLI said, in every file that Pulumi wrote, in the state, and in the emulator's log.
 */

const user = "0".repeat(32);
const HEADER = "PLANTED-WEBHOOK-HEADER";
const video = {
    videoSourceGroupId: "b0000000000000000000000000000001",
    videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
};

/** One resource of each kind that holds something secret, or needs it. The header comes from the environment, as it should. */
const program = (ids: readonly string[]) => `
const { workspaceapp, vias } = require("pulumi-huaweicloud-batch");
new workspaceapp.ImageServerBatchDeletion("servers", {
    imageServerIds: ${JSON.stringify(ids)},
    recursive: false,
    when: "create",
    timeout: "3m",
});
new vias.BatchTask("counting", {
    name: "people-counting",
    serviceName: "people-counting",
    serviceVersion: "1.0.0",
    batchInput: { videoSourceGroup: [${JSON.stringify(video)}] },
    output: { webhook: { url: "https://hooks.example.com/in", headers: { Authorization: process.env.WEBHOOK_HEADER } } },
    desiredState: "started",
    timeout: "3m",
});
`;

const identities: ReadonlyArray<readonly [what: string, env: Record<string, string>]> = [
    [
        "a temporary key",
        {
            HW_ACCESS_KEY: PLANTED.accessKey,
            HW_SECRET_KEY: PLANTED.secretKey,
            HW_SECURITY_TOKEN: PLANTED.securityToken,
        },
    ],
    ["a password", { HW_USER_NAME: "planted", HW_DOMAIN_NAME: "emulator", HW_USER_PASSWORD: PLANTED.password }],
];

async function tenantOf(temporary: boolean): Promise<Tenant> {
    const tenant = await Tenant.open({ speed: 100 });
    const expires_at = Date.now() + 3_600_000;
    await tenant.control.seed({
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
                        temporary: temporary ? { security_token: PLANTED.securityToken, expires_at } : null,
                    },
                ],
            },
        ],
    });
    return tenant;
}

/** Every file below the directory, but for the program and the packages that it links to, as text. */
async function files(directory: string): Promise<ReadonlyArray<readonly [name: string, text: string]>> {
    const entries = await readdir(directory, { withFileTypes: true });
    const nested = await Promise.all(
        entries.map(async (entry) => {
            const path = join(directory, entry.name);
            if (entry.isDirectory()) {
                return files(path);
            }
            return entry.isFile() ? [[path, (await readFile(path)).toString("latin1")] as const] : [];
        }),
    );
    return nested.flat();
}

/** Names of what was found, and where. */
async function hits(stack: Stack, tenant: Tenant, runs: readonly Ended[]): Promise<readonly string[]> {
    const written = [
        ...(await files(join(stack.directory, "state"))),
        ...(await files(join(stack.directory, "pulumi-home"))),
    ];
    const temporary = await files(join(stack.directory, "tmp"));
    const logged = JSON.stringify([await tenant.requests(), await tenant.control.auditLog()]);
    const places: ReadonlyArray<readonly [place: string, text: string]> = [
        ...runs.map(({ output }, n) => [`output of run ${n}`, output] as const),
        ...written,
        ...temporary,
        ["exported state", await stack.exportText()],
        ["the emulator's log", logged],
    ];
    // Files hold text in UTF-8, looked at byte by byte: a secret beyond ASCII is found by its other spellings and its beginning.
    return places.flatMap(([place, text]) =>
        found(text, { ...PLANTED, header: HEADER }).map((name) => `${name} in ${place.replace(stack.directory, "")}`),
    );
}

const plainly = (tenant: Tenant) => ({
    HUAWEICLOUD_BATCH_ENDPOINT: tenant.env.HUAWEICLOUD_BATCH_ENDPOINT ?? "",
    HW_REGION_NAME: "cn-north-4",
    WEBHOOK_HEADER: HEADER,
});

test.each(identities)(
    "with %s: no run, whatever becomes of it, leaves a secret anywhere",
    async (what, credentials) => {
        const tenant = await tenantOf(what === "a temporary key");
        const ids = await tenant.add("workspaceapp", "imageServers", 3);
        const env = plainly(tenant);
        const stack = await Stack.create({ program: program(ids), env: { ...env, ...credentials } });
        const runs: Ended[] = [];

        const failing = { service: "workspaceapp", process: "delete-image-server", outcome: "fail", times: 1 } as const;
        await tenant.control.seed({ outcomes: [{ ...failing, code: "WKS.1", message: "no" }] });
        const failed = await stack.up();
        expect(failed.code).not.toBe(0);
        const succeeded = await stack.up();
        expect(succeeded.output).toContain("Resources:");
        expect(succeeded.code).toBe(0);
        runs.push(failed, succeeded, await stack.refresh());

        // Killed while the provider works.
        const more = await tenant.add("workspaceapp", "imageServers", 20);
        await stack.setProgram(program([...ids, ...more]));
        const killed = stack.start("up", "--yes", "--skip-preview");
        await killed.seen(/updating/);
        killed.kill();
        runs.push(await killed.ended);
        await stack.cancel();

        // Refused.
        stack.setEnv({ ...env, HW_ACCESS_KEY: PLANTED.accessKey, HW_SECRET_KEY: `${PLANTED.secretKey}-wrong` });
        const refused = await stack.up();
        expect(refused.output).toContain("nothing more is sent with the credentials");
        stack.setEnv({ ...env, ...credentials });
        runs.push(refused, await stack.up(), await stack.destroy());
        expect(runs.at(-1)?.code).toBe(0);

        expect(await hits(stack, tenant, runs)).toEqual([]);
        // The credentials were used: the emulator's log shows the beginning of each key, and no more.
        const names = new Set((await tenant.requests()).flatMap(({ identity }) => identity ?? []));
        expect(names).toEqual(new Set([what === "a password" ? "planted" : "PLAN…"]));
    },
);

test("credentials from the environment are in no log, however verbose; the webhook header in the engine's alone", async () => {
    const tenant = await tenantOf(true);
    const ids = await tenant.add("workspaceapp", "imageServers", 1);
    const env = { ...plainly(tenant), ...identities[0]?.[1] };
    const stack = await Stack.create({ program: program(ids), env });
    const everything = ["--debug", "--logtostderr", "-v=9", "--logflow"];
    const runs = [await stack.up(...everything), await stack.destroy(...everything)];
    expect(runs).toMatchObject([{ code: 0 }, { code: 0 }]);
    // From -v=3 the SDK logs each resource's outputs, at -v=9 the engine logs all inputs, secret ones too: SECURITY.md.
    const engines = (hit: string) => hit.startsWith("header in output of run ");
    expect((await hits(stack, tenant, runs)).filter((hit) => !engines(hit))).toEqual([]);
});

test("credentials from stack configuration are in no file and, up to -v=2, in no output", async () => {
    const tenant = await tenantOf(true);
    const ids = await tenant.add("workspaceapp", "imageServers", 1);
    const stack = await Stack.create({ program: program(ids), env: plainly(tenant) });
    for (const name of ["accessKey", "secretKey", "securityToken"] as const) {
        await stack.must("config", "set", "--secret", `huaweicloud-batch:${name}`, PLANTED[name]);
    }
    const verbose = ["--logtostderr", "-v=2"];
    const runs = [
        await stack.up("--diff", ...verbose),
        await stack.refresh(...verbose),
        await stack.preview("--diff", ...verbose),
        await stack.destroy(...verbose),
    ];
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await hits(stack, tenant, runs)).toEqual([]);
});
