import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

// What the documentation shows is what strangers paste: it compiles against the package's declarations, and these compile too,
// under the options of Pulumi's own TypeScript template, which does not skip the declarations of libraries.
const root = join(__dirname, "..", "..");
const strangers: ts.CompilerOptions = {
    strict: true,
    target: ts.ScriptTarget.ES2020,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    noEmit: true,
    types: ["node"],
};

interface Example {
    readonly title: string;
    readonly text: string;
}

function examplesIn(path: string): Example[] {
    const text = readFileSync(join(root, path), "utf8");
    return [...text.matchAll(/^( \* )?```ts\n([\s\S]*?)^(?: \* )?```/gm)].map(([, stars, code = ""], n) => ({
        title: `${path}, example ${n + 1}`,
        text: stars === undefined ? code : code.replace(/^ \* ?/gm, ""),
    }));
}

const sources = readdirSync(join(root, "src", "resources"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `src/resources/${name}`);
const examples = ["README.md", "docs/matching.md", ...sources].flatMap(examplesIn);

test("every example in the documentation compiles in a program outside this repository", () => {
    expect(examples.length).toBeGreaterThanOrEqual(14);
    const programs = new Map(examples.map(({ text }, n) => [join(root, "examples", `documented-${n}.ts`), text]));
    const host = ts.createCompilerHost(strangers);
    const { fileExists, readFile, getSourceFile } = host;
    host.fileExists = (path) => programs.has(path) || fileExists(path);
    host.readFile = (path) => programs.get(path) ?? readFile(path);
    host.getSourceFile = (path, target) => {
        const text = programs.get(path);
        return text === undefined ? getSourceFile(path, target) : ts.createSourceFile(path, text, target);
    };
    const program = ts.createProgram([...programs.keys()], strangers, host);
    const titles = [...programs.keys()];
    // Those of other libraries are not ours to check.
    const ours = program.getSourceFiles().filter(({ fileName }) => !fileName.includes("/node_modules/"));
    const problems = ours.flatMap((file) =>
        [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((problem) => {
            const where = examples[titles.indexOf(file.fileName)]?.title ?? file.fileName.slice(root.length);
            const { line } = file.getLineAndCharacterOfPosition(problem.start ?? 0);
            return `${where}:${line + 1} ${ts.flattenDiagnosticMessageText(problem.messageText, " ")}`;
        }),
    );
    expect(problems).toEqual([]);
    // The declarations are among what was checked.
    expect(ours.some(({ fileName }) => fileName.endsWith("/dist/resources/vias.d.ts"))).toBe(true);
});
