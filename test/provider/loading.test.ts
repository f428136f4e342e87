import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PublishedPackage } from "../published-package";

/**
 * A provider process is started for every preview and every update, and what it loads is waited for: while it is many files,
 * they show what that is. These numbers may shrink: files of our own, of undici and of zod.
 */
const MOST_TO_CHECK = { own: 56, undici: 0, zod: 95 };
const MOST_TO_SEND = { own: 82, undici: 24, zod: 95 };

const oneTarget = (input: string, id: string) => ({ when: "create", [input]: [id] });
const resources: ReadonlyArray<{ resource: string; inputs: object; service: string }> = [
    {
        resource: "roma:AssetBatchDeletion",
        inputs: { ...oneTarget("appIds", "a1"), instanceId: "i1" },
        service: "roma",
    },
    {
        resource: "workspaceapp:ImageServerBatchDeletion",
        inputs: { ...oneTarget("imageServerIds", "server-1"), recursive: false },
        service: "workspaceapp",
    },
    {
        resource: "clouddc:InstanceBatchDeletion",
        inputs: oneTarget("instanceIds", "instance-1"),
        service: "clouddc",
    },
    {
        resource: "metastudio:AssetBatchDeletion",
        inputs: oneTarget("assetIds", "asset-1"),
        service: "metastudio",
    },
    {
        resource: "metastudio:AssetBatchAction",
        inputs: { assetIds: ["asset-1"], onCreate: "DELETE" },
        service: "metastudio",
    },
    {
        resource: "vias:BatchTaskDeletion",
        inputs: oneTarget("batchTaskIds", "task-1"),
        service: "vias",
    },
];

const printed = z.object({
    toLoad: z.array(z.string()),
    toCheck: z.array(z.string()),
    toSend: z.array(z.string()),
    leftovers: z.array(z.string()),
});

let compiled: PublishedPackage;
let published: PublishedPackage;

beforeAll(() => {
    compiled = new PublishedPackage(["provider/index.ts"]);
    published = new PublishedPackage([]);
    published.bundleProvider();
}, 60_000);

afterAll(() => {
    compiled.remove();
    published.remove();
});

/** What a provider process has loaded after its check and diff, and when its first request is there: paths below dist or node_modules. */
function loadedFor(installed: PublishedPackage, resource: string, inputs: object): z.infer<typeof printed> {
    const news = JSON.stringify({ __resource: resource, ...inputs });
    return printed.parse(
        JSON.parse(
            installed.run(
                `${resource.replace(":", "-")}.cjs`,
                `for (const name of Object.keys(process.env)) {
                    if (/^(HW_|OS_|HUAWEICLOUD_|https?_proxy$|no_proxy$)/i.test(name)) { delete process.env[name]; }
                }
                const globals = new Set(Reflect.ownKeys(globalThis));
                const loaded = () => Object.keys(require.cache)
                    .filter((file) => file !== __filename)
                    .map((file) => file.replaceAll("\\\\", "/").replace(/.*\\/(dist|node_modules)\\//, (_, folder) => (folder === "dist" ? "" : "node_modules/")));
                const seen = {};
                const server = require("node:http").createServer(() => {
                    const leftovers = Reflect.ownKeys(globalThis).filter((key) => !globals.has(key)).map(String);
                    console.log(JSON.stringify({ ...seen, toSend: loaded(), leftovers }));
                    process.exit();
                });
                server.listen(0, "127.0.0.1", async () => {
                    Object.assign(process.env, {
                        HW_ACCESS_KEY: "key", HW_SECRET_KEY: "secret", HW_REGION_NAME: "cn-north-4",
                        HUAWEICLOUD_BATCH_ENDPOINT: "http://127.0.0.1:" + server.address().port,
                    });
                    const provider = require("./package/dist/provider/index.js");
                    seen.toLoad = loaded();
                    const { inputs, failures } = await provider.check({}, ${news});
                    if (failures.length > 0) { throw new Error(JSON.stringify(failures)); }
                    seen.toCheck = loaded();
                    await provider.create(inputs);
                });`,
            ),
        ),
    );
}

const of = (folder: string, files: readonly string[]) => files.filter((file) => file.startsWith(folder));

interface Files {
    readonly own: number;
    readonly undici: number;
    readonly zod: number;
}

function expectAtMost(most: Files, files: readonly string[]): void {
    const packages = of("node_modules/", files);
    const [undici, zod] = [of("node_modules/undici/", files), of("node_modules/zod/", files)];
    expect(packages).toHaveLength(undici.length + zod.length);
    expect(files.length - packages.length).toBeLessThanOrEqual(most.own);
    expect(undici.length).toBeLessThanOrEqual(most.undici);
    expect(zod.length).toBeLessThanOrEqual(most.zod);
}

test.each(resources)("for $resource nothing is loaded in vain", ({ resource, inputs, service }) => {
    const { toLoad, toCheck, toSend, leftovers } = loadedFor(compiled, resource, inputs);
    // Nothing of a service before it is known which.
    expect(of("services/", toLoad)).toEqual(["services/registry.js"]);
    // What talks to the cloud is loaded once the answer is on its way, not before.
    expect(toCheck).toContain(`services/${service}.js`);
    expect(toCheck.filter((file) => /^(cloud\/(cloud|client|network)|batch\/(run|session))\./.test(file))).toEqual([]);
    // Of the other services nothing, nor of other floors.
    const services = ["clouddc", "metastudio", "roma", "vias", "workspaceapp"].filter((name) => name !== service);
    const foreign = new RegExp(
        `^(index|cli|resources/|emulator/|provider/(batch-task|lookup|system-lookup)|services/(${services.join("|")})\\b)|@hono|node_modules/hono|@pulumi`,
    );
    expect(toSend.filter((file) => foreign.test(file))).toEqual([]);
    expectAtMost(MOST_TO_CHECK, toCheck);
    expectAtMost(MOST_TO_SEND, toSend);
    // undici's index puts its own fetch's dispatcher into the process, which is Pulumi's.
    expect(leftovers).not.toContainEqual(expect.stringContaining("undici"));
});

test("published, it is one file, with zod in it and nothing of other floors", () => {
    const inputs = oneTarget("instanceIds", "instance-1");
    const { toLoad, toCheck, toSend, leftovers } = loadedFor(published, "clouddc:InstanceBatchDeletion", inputs);
    expect(toLoad).toEqual(["provider/index.js"]);
    expect(toCheck).toEqual(toLoad);
    const [undici, own] = [of("node_modules/undici/", toSend), of("provider/", toSend)];
    expect(own).toEqual(toLoad);
    expect(undici.length).toBeLessThanOrEqual(MOST_TO_SEND.undici);
    // Our version is the user agent's.
    const others = toSend.filter((file) => !own.includes(file) && !undici.includes(file));
    expect(others).toEqual([expect.stringMatching(/package\/package\.json$/)]);
    expect(leftovers).not.toContainEqual(expect.stringContaining("undici"));

    const text = readFileSync(join(published.dist, "provider/index.js"), "utf8");
    const parts = [...text.matchAll(/^\s*\/\/ ((?:src|node_modules)\/\S+\.\w+)$/gm)].map(([, part = ""]) => part);
    expect(parts).toContain("src/services/clouddc.ts");
    const expected =
        /^(src\/(clock|lazily|cancellation|nearest|node-version|requires-node|cloud|batch|services|provider)\b|node_modules\/zod\/)/;
    expect(parts.filter((part) => !expected.test(part))).toEqual([]);
    // All languages but the one that is used.
    expect(parts.filter((part) => /\/locales\/(?!index)/.test(part))).toEqual(["node_modules/zod/v4/locales/en.js"]);
    expect(text).toContain(readFileSync(join(__dirname, "../../node_modules/zod/LICENSE"), "utf8"));
});
