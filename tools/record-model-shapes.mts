/**
 * `node tools/record-model-shapes.mts`: records from the official SDKs, as published, how the calls look that the emulator
 * plays (test/emulator/shapes/). Needs pip, Maven and unzip, for a call and a field that is new, or a newer SDK: the
 * versions are below. Facts only are recorded: names, types, what is mandatory, which values there are.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "./typescript-hooks.mts";
import { javaSdk } from "./model-shapes/java.mts";
import { extract, nameless, type Sdk } from "./model-shapes/model.mts";
import { pythonSdk } from "./model-shapes/python.mts";

const { services } = await import("../emulator/src/services/index.ts");

interface Package {
    readonly registry: "PyPI" | "Maven Central";
    readonly name: string;
    readonly version: string;
}

const python = (service: string): Package => ({
    registry: "PyPI",
    name: `huaweicloudsdk${service}`,
    version: "3.1.219",
});
const java = (service: string, version: string): Package => ({
    registry: "Maven Central",
    name: `com.huaweicloud.sdk:huaweicloud-sdk-${service}`,
    version,
});

/** The Python SDK says what is mandatory, the Java SDK which values there are. Neither has all services. */
const packages: Readonly<Record<string, { readonly source: Package; readonly enumerations?: Package }>> = {
    clouddc: { source: python("clouddc") },
    iam: { source: python("iam") },
    metastudio: { source: python("metastudio"), enumerations: java("metastudio", "3.1.143") },
    roma: { source: python("roma"), enumerations: java("roma", "3.1.143") },
    vias: { source: java("vias", "3.1.143") },
    workspaceapp: { source: python("workspaceapp"), enumerations: java("workspaceapp", "3.1.143") },
};

const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });

const textsIn = (folder: string, ending: string): string[] =>
    readdirSync(folder)
        .filter((file) => file.endsWith(ending))
        .map((file) => readFileSync(join(folder, file), "utf8"));

/** Fetches a package below `into` and reads it: one SDK for each version of the API. */
function sdksOf({ registry, name, version }: Package, into: string): Sdk[] {
    if (registry === "PyPI") {
        run("pip", ["download", "--quiet", "--no-deps", "--dest", into, `${name}==${version}`]);
        run("unzip", ["-q", join(into, `${name}-${version}-py3-none-any.whl`), "-d", into]);
        const versions = readdirSync(join(into, name)).filter((folder) => /^v\d+$/.test(folder));
        return versions.map((folder) => {
            const client = readdirSync(join(into, name, folder)).find((file) => /(?<!_async)_client\.py$/.test(file));
            return pythonSdk(
                textsIn(join(into, name, folder, "model"), ".py"),
                readFileSync(join(into, name, folder, client ?? ""), "utf8"),
            );
        });
    }
    const [, artifact = ""] = name.split(":");
    run("mvn", ["-q", "dependency:copy", `-Dartifact=${name}:${version}:jar:sources`, `-DoutputDirectory=${into}`]);
    run("unzip", ["-q", join(into, `${artifact}-${version}-sources.jar`), "-d", into]);
    const sources = join(into, "com/huaweicloud/sdk", artifact.replace("huaweicloud-sdk-", ""));
    return readdirSync(sources)
        .filter((folder) => /^v\d+$/.test(folder))
        .map((folder) => {
            const [meta = ""] = textsIn(join(sources, folder), "Meta.java");
            return javaSdk(textsIn(join(sources, folder, "model"), ".java"), meta);
        });
}

const shapes = new URL("../test/emulator/shapes/", import.meta.url);
for (const { name, routes } of services) {
    const from = packages[name];
    if (from === undefined) {
        throw new Error(`no package is named for ${name}: add it to this tool`);
    }
    const folders: string[] = [];
    const read = (source: Package): Sdk[] => {
        const folder = mkdtempSync(join(tmpdir(), "model-shapes-"));
        folders.push(folder);
        return sdksOf(source, folder);
    };
    try {
        const wanted = routes.map(({ method, path, operation }) => ({ key: `${method} ${nameless(path)}`, operation }));
        const others = from.enumerations === undefined ? [] : read(from.enumerations);
        const { calls, models } = extract(read(from.source), wanted, others);
        writeFileSync(new URL(`${name}.json`, shapes), `${JSON.stringify({ ...from, calls, models }, null, 4)}\n`);
        console.log(`${name}: ${Object.keys(calls).length} calls, ${Object.keys(models).length} models`);
        for (const { key } of wanted) {
            if (calls[key] === undefined) {
                console.log(`    not in ${from.source.name}: ${key}`);
            }
        }
    } finally {
        for (const folder of folders) {
            rmSync(folder, { recursive: true });
        }
    }
}
run("npx", ["biome", "format", "--write", "test/emulator/shapes"]);
