import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";

const ROOT = join(__dirname, "../..");
const project = mkdtempSync(join(tmpdir(), "declarations-"));
const PACKAGE = join(project, "node_modules/pulumi-huaweicloud-batch");

beforeAll(() => {
    const settings = ts.readConfigFile(join(ROOT, "tsconfig.build.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(settings.config, ts.sys, ROOT);
    const program = ts.createProgram([join(ROOT, "src/index.ts")], {
        ...options,
        outDir: join(PACKAGE, "dist"),
        emitDeclarationOnly: true,
    });
    program.emit();
    writeFileSync(join(PACKAGE, "package.json"), JSON.stringify({ name: "x", types: "dist/index.d.ts" }));
    for (const name of ["@pulumi", "@types"]) {
        symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
    }
    mkdirSync(join(project, "src"));
}, 60_000);

afterAll(() => rmSync(project, { recursive: true }));

const OLD_PROGRAM: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    ignoreDeprecations: "6.0",
    esModuleInterop: false,
    skipLibCheck: false,
    strict: true,
    noEmit: true,
    types: ["node"],
};

function compile(text: string, options: ts.CompilerOptions) {
    const file = join(project, "src/index.ts");
    writeFileSync(file, text);
    const program = ts.createProgram([file], { ...options, typeRoots: [join(project, "node_modules/@types")] });
    const messages = ts
        .getPreEmitDiagnostics(program)
        .map(
            ({ file: of, messageText }) =>
                `${of?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
        );
    return { messages, files: program.getSourceFiles().map(({ fileName }) => fileName) };
}

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { clouddc, metastudio, roma, vias, workspaceapp } from "pulumi-huaweicloud-batch";

const ids: readonly string[] = ["a"];
new roma.AssetBatchDeletion("a", { when: "create", instanceId: "i", appIds: ids, taskIds: pulumi.output(["t"]) });
new workspaceapp.ImageServerBatchDeletion("b", { when: "create", imageServerIds: ids });
new clouddc.InstanceBatchDeletion("c", { when: "create", instanceIds: Promise.resolve(ids) });
new metastudio.AssetBatchDeletion("d", { when: "create", assetIds: [pulumi.output("x")] });
new vias.BatchTaskDeletion("e", { when: "create", batchTaskIds: pulumi.output(ids) });

export async function names(region: string | undefined): Promise<readonly (string | undefined)[]> {
    const rows = [
        ...(await roma.listApps({ instanceId: "i", name: "x", region })),
        ...(await roma.listFdiTasks({ instanceId: "i", taskId: "x" })),
        ...(await workspaceapp.listImageServers({ all: true })),
        ...(await clouddc.listInstances({ instanceIds: ids })),
        ...(await metastudio.listAssets({ assetIds: ids })),
        ...(await vias.listBatchTasks({ taskState: "running" })),
    ];
    return rows.map(({ name }) => name);
}
`;

test("a program with old compiler settings compiles with the package's declarations, which import no package but Pulumi's", () => {
    const { messages, files } = compile(PROGRAM, OLD_PROGRAM);
    expect(messages).toEqual([]);
    expect(files.filter((file) => /node_modules\/(zod|undici)\//.test(file))).toEqual([]);
}, 60_000);

test("with exactOptionalPropertyTypes a filter that may be undefined does not compile, and a place argument that may be does", () => {
    const { messages } = compile(
        `import { workspaceapp } from "pulumi-huaweicloud-batch";
        export const list = (id: string | undefined, region: string | undefined) => [
            workspaceapp.listImageServers({ serverName: "x", region }),
            // @ts-expect-error the filter is perhaps undefined
            workspaceapp.listImageServers({ serverName: "x", serverId: id }),
        ];`,
        { ...OLD_PROGRAM, exactOptionalPropertyTypes: true, skipLibCheck: true },
    );
    expect(messages).toEqual([]);
}, 60_000);
