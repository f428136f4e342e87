/** The example teardown, in each language: what its files name is in the plugin's schema. Running them is `npm run languages`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const root = join(__dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const properties = z.record(z.string(), z.unknown());
const schema = z
    .object({
        version: z.string(),
        pluginDownloadURL: z.string(),
        resources: z.record(z.string(), z.object({ inputProperties: properties, properties })),
    })
    .parse(JSON.parse(read("src/provider/plugin/schema.json")));
const { version, config } = JSON.parse(read("package.json"));

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** By language: the file, how an argument of a resource stands in it, an output, and the schema's name of either. */
const LANGUAGES = [
    ["nodejs", "teardown/index.ts", /^ {4}(\w+):/gm, /imageServers\.(\w+)/, (name: string) => name],
    [
        "yaml",
        "teardown-yaml/Pulumi.yaml",
        /^ {6}(?!version|pluginDownloadURL)(\w+):/gm,
        /\$\{image-servers\.(\w+)\}/,
        (name: string) => name,
    ],
    ["python", "teardown-python/teardown.py", /^ {8}(\w+)=/gm, /image_servers\.(\w+)/, camel],
    ["go", "teardown-go/main.go", /^\t{4}(\w+):/gm, /imageServers\.(\w+)/, lowerFirst],
] as const;

test.each(LANGUAGES)(
    "%s: the example sets the arguments that the others set, each of the schema, and shows an output of it",
    (_language, file, argument, output, name) => {
        const text = read(`examples/${file}`);
        const resource = schema.resources["huaweicloud-batch:workspaceapp:ImageServerBatchDeletion"];
        const args = [...text.matchAll(argument)].map(([, found = ""]) => name(found));
        expect(args).toEqual(["imageServerIds", "recursive", "when", "timeout", "allowedFailures"]);
        expect(Object.keys(resource?.inputProperties ?? {})).toEqual(expect.arrayContaining(args));
        expect(Object.keys(resource?.properties ?? {})).toContain(name(output.exec(text)?.[1] ?? ""));
        expect(text).toMatch(/workspaceapp[.:](New)?ImageServerBatchDeletion\b/);
    },
);

test("the schema, and so each SDK, and the examples name the plugin of this version and where it is had from", () => {
    const url = `github://api.github.com/${config.owner}/pulumi-huaweicloud-batch`;
    expect(schema).toMatchObject({ version, pluginDownloadURL: url });
    expect(read("examples/teardown-yaml/Pulumi.yaml")).toContain(
        `      version: ${version}\n      pluginDownloadURL: ${url}\n`,
    );
    expect(read("examples/teardown-python/requirements.txt")).toContain(`pulumi_huaweicloud_batch==${version}\n`);
    expect(read("examples/teardown-go/go.mod")).toContain(`/sdk/go v${version}\n`);
});
