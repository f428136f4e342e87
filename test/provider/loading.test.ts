import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PublishedPackage, partsOf } from "../published-package";

/** Every preview and every update starts a provider process, and waits until its modules are loaded. */
const MOST_UNDICI_FILES = 24;

const oneTarget = (input: string, id: string) => ({ when: "create", [input]: [id] });
const printed = z.object({
    toLoad: z.array(z.string()),
    toCheck: z.array(z.string()),
    toSend: z.array(z.string()),
    leftovers: z.array(z.string()),
});

let published: PublishedPackage;

beforeAll(() => {
    published = new PublishedPackage();
}, 60_000);

afterAll(() => {
    published.remove();
});

/** The modules that a provider process has loaded after check and diff, and at its first request: paths below dist or node_modules. */
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
                    const provider = require("./package/dist/provider/dynamic/index.js");
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

test("the published provider loads one file, with zod in it and nothing of other layers", () => {
    const inputs = oneTarget("instanceIds", "instance-1");
    const { toLoad, toCheck, toSend, leftovers } = loadedFor(published, "clouddc:InstanceBatchDeletion", inputs);
    expect(toLoad).toEqual(["provider/dynamic/index.js", "core.js"]);
    expect(toCheck).toEqual(toLoad);
    const undici = of("node_modules/undici/", toSend);
    expect(toSend.slice(0, toLoad.length)).toEqual(toLoad);
    expect(undici.length).toBeLessThanOrEqual(MOST_UNDICI_FILES);
    // The package's version is part of the user agent.
    const others = toSend.filter((file) => !toLoad.includes(file) && !undici.includes(file));
    expect(others).toEqual([expect.stringMatching(/package\/package\.json$/)]);
    expect(leftovers).not.toContainEqual(expect.stringContaining("undici"));

    const text = readFileSync(join(published.dist, "core.js"), "utf8");
    const parts = partsOf(text);
    expect(parts).toContain("src/services/clouddc/index.ts");
    const expected = /^(src\/(util|cloud|batch|services|provider)\b|node_modules\/zod\/)/;
    expect(parts.filter((part) => !expected.test(part))).toEqual([]);
    // Of zod's languages only English is included.
    expect(parts.filter((part) => /\/locales\/(?!index)/.test(part))).toEqual(["node_modules/zod/v4/locales/en.js"]);
    expect(text).toContain(readFileSync(join(__dirname, "../../node_modules/zod/LICENSE"), "utf8"));
});
