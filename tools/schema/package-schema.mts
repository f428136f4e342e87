import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { configuration } from "./configuration.mts";
import { capital, SchemaTypes } from "./types.mts";

const PACKAGE = "huaweicloud-batch";

/** What a list function answers with, and what can be listed of a resource. */
const LISTED: Readonly<Record<string, string>> = {
    listApps: "apps",
    listFdiTasks: "fdiTasks",
    listImageServers: "imageServers",
    listInstances: "instances",
    listAssets: "assets",
    listBatchTasks: "batchTasks",
};

/** By what a resource's targets can be listed. ROMA's are of two kinds, each with a list of its own. */
const LISTED_BY: Readonly<Record<string, string>> = {
    "workspaceapp:ImageServerBatchDeletion": "listImageServers",
    "clouddc:InstanceBatchDeletion": "listInstances",
    "metastudio:AssetBatchDeletion": "listAssets",
    "metastudio:AssetBatchAction": "listAssets",
    "vias:BatchTaskDeletion": "listBatchTasks",
    "vias:BatchTask": "listBatchTasks",
};

export function packageSchema(root: string): unknown {
    const { name, version, license, keywords, repository, homepage, config } = JSON.parse(
        readFileSync(join(root, "package.json"), "utf8"),
    );
    const { options } = ts.parseJsonConfigFileContent(
        ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config,
        ts.sys,
        root,
    );
    const program = ts.createProgram([join(root, "src/index.ts")], options);
    const checker = program.getTypeChecker();
    const resources: Record<string, unknown> = {};
    const functions: Record<string, ListFunction> = {};
    const source = program.getSourceFile(join(root, "src/index.ts"));
    const face = source && checker.getSymbolAtLocation(source);
    const exported = (face === undefined ? [] : checker.getExportsOfModule(face)).flatMap((namespace) =>
        checker.getExportsOfModule(resolved(checker, namespace)).map((symbol) => ({
            module: namespace.name,
            symbol: resolved(checker, symbol),
        })),
    );
    const classes = exported.filter(({ symbol }) => (symbol.flags & ts.SymbolFlags.Class) !== 0);
    const types = new SchemaTypes(checker, new Set(classes.map(({ module, symbol }) => `${module}:${symbol.name}`)));
    for (const { module, symbol } of exported.filter(({ symbol: { name: listed } }) => LISTED[listed] !== undefined)) {
        functions[`${PACKAGE}:${module}:${symbol.name}`] = functionOf(checker, types, symbol, module);
    }
    for (const { module, symbol } of classes) {
        const listed = LISTED_BY[`${module}:${symbol.name}`];
        const list = listed === undefined ? undefined : functions[`${PACKAGE}:${module}:${listed}`];
        resources[`${PACKAGE}:${module}:${symbol.name}`] = {
            ...resourceOf(checker, types, symbol, module),
            ...(list === undefined ? {} : { listInputs: listInputsOf(list) }),
        };
    }
    return {
        name: PACKAGE,
        displayName: "Huawei Cloud batch",
        version,
        description: "Bulk deletion and batch tasks as desired state, for Huawei Cloud",
        keywords: [...keywords, "category/cloud", "kind/native"],
        homepage,
        license,
        repository: repository.url.replace(/^git\+|\.git$/g, ""),
        publisher: config.owner,
        pluginDownloadURL: `github://api.github.com/${config.owner}/${name}`,
        // supportPack: the SDKs have the schema's version, and the one for Go is a module of its own.
        meta: { moduleFormat: "(.*)", supportPack: true },
        config: { variables: configuration },
        provider: { inputProperties: configuration, properties: configuration },
        types: Object.fromEntries([...types.types].sort(([a], [b]) => (a < b ? -1 : 1))),
        resources,
        functions,
        language: {
            nodejs: { packageName: `@${config.owner.toLowerCase()}/${PACKAGE}`, respectSchemaVersion: true },
            python: {
                packageName: `pulumi_${PACKAGE.replaceAll("-", "_")}`,
                respectSchemaVersion: true,
                pyproject: { enabled: true },
            },
            go: {
                importBasePath: `github.com/${config.owner}/${name}/sdk/go/huaweicloudbatch`,
                respectSchemaVersion: true,
            },
        },
    };
}

function resolved(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
    return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
}

/** Outputs that the SDK's base class declares. */
const OF_THE_SDK: ReadonlySet<string> = new Set(["id", "urn"]);

function resourceOf(checker: ts.TypeChecker, types: SchemaTypes, symbol: ts.Symbol, module: string) {
    const constructed = checker.getTypeOfSymbol(symbol).getConstructSignatures()[0];
    const [, args] = constructed?.getParameters() ?? [];
    if (constructed === undefined || args === undefined) {
        throw new Error(`${symbol.name} takes no arguments`);
    }
    const inputs = types.object(checker.getTypeOfSymbol(args), module, symbol.name);
    const instance = constructed.getReturnType();
    const declared = (name: string) => {
        const declaration = checker.getPropertyOfType(instance, name)?.valueDeclaration;
        const type = declaration !== undefined && ts.isPropertyDeclaration(declaration) ? declaration.type : undefined;
        return /^[a-z]/.test(name) && !OF_THE_SDK.has(name) && /^(Output|Echoed)</.test(type?.getText() ?? "");
    };
    // An output that echoes an input is what the input is.
    const echoed = Object.keys(inputs.properties).filter(declared);
    const outputs = types.object(instance, module, symbol.name, (name) => !declared(name) || echoed.includes(name));
    return {
        description: describe(types, symbol, checker),
        inputProperties: inputs.properties,
        requiredInputs: inputs.required,
        properties: {
            ...Object.fromEntries(echoed.map((name) => [name, inputs.properties[name]])),
            ...outputs.properties,
        },
        required: [...outputs.required, ...inputs.required.filter((name) => echoed.includes(name))].sort(),
        aliases: [{ type: `pulumi-nodejs:dynamic/${PACKAGE}/${module}:${symbol.name}` }],
    };
}

function functionOf(checker: ts.TypeChecker, types: SchemaTypes, symbol: ts.Symbol, module: string) {
    const [signature] = checker.getTypeOfSymbol(symbol).getCallSignatures();
    const [args] = signature?.getParameters() ?? [];
    const rows = signature && checker.getAwaitedType(signature.getReturnType());
    if (args === undefined || rows === undefined) {
        throw new Error(`${symbol.name} is no list function`);
    }
    const name = LISTED[symbol.name] ?? "rows";
    const inputs = types.object(checker.getTypeOfSymbol(args), module, capital(symbol.name));
    return {
        description: describe(types, symbol, checker),
        // Everything is asked for by `all`, or narrowed: which of them must be given is for the call to say.
        inputs: { ...inputs, required: inputs.required.filter((each) => each === "instanceId") },
        outputs: {
            type: "object",
            properties: {
                [name]: { ...types.spec([rows], module, capital(symbol.name)), description: "What the list shows." },
                ids: { type: "array", items: { type: "string" }, description: "Their ids, in the same order." },
            },
            required: [name, "ids"],
        },
    };
}

interface ListFunction {
    readonly inputs: { readonly properties: Readonly<Record<string, unknown>>; readonly required: readonly string[] };
}

/** `pulumi do … list` has a flag `--all` of its own, which goes with filters too; it only shows what there is. */
function listInputsOf({ inputs }: ListFunction): unknown {
    const { all: _, ...properties } = inputs.properties;
    return { ...inputs, properties };
}

function describe(types: SchemaTypes, symbol: ts.Symbol, checker: ts.TypeChecker): string {
    const examples = symbol
        .getJsDocTags(checker)
        .filter(({ name }) => name === "example")
        .map(({ text }) => ts.displayPartsToString(text).replace("```ts", "```typescript"));
    return [types.documentation(symbol), ...examples.map((example) => `## Example Usage\n\n${example}`)].join("\n\n");
}
