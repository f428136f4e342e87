import { z } from "zod";

const names = z.record(z.string(), z.string()).default({});
const lockSchema = z.object({
    packages: z.record(
        z.string(),
        z.object({ dependencies: names, optionalDependencies: names, hasInstallScript: z.boolean().default(false) }),
    ),
});
const advisorySchema = z.object({ title: z.string(), url: z.string().default("") });
const reportSchema = z.object({
    vulnerabilities: z.record(
        z.string(),
        z.object({ severity: z.string(), range: z.string(), via: z.array(z.union([z.string(), advisorySchema])) }),
    ),
    metadata: z.object({ dependencies: z.object({ prod: z.number() }) }),
});
const refusalSchema = z.object({ message: z.string().optional(), error: z.object({ summary: z.string() }).optional() });

/**
 * The packages that are installed because of ours and run a script then: those that its dependencies lead to in the lock
 * file. What a peer brings (the Pulumi SDK) is there already.
 */
export function scriptsAtInstallation(lock: unknown): readonly string[] {
    const { packages } = lockSchema.parse(lock);
    const reached = new Set([""]);
    for (const path of reached) {
        const { dependencies, optionalDependencies } = packages[path] ?? { dependencies: {}, optionalDependencies: {} };
        for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
            const place = placesOf(path, name).find((candidate) => candidate in packages);
            if (place !== undefined) {
                reached.add(place);
            }
        }
    }
    return [...reached].filter((path) => path !== "" && packages[path]?.hasInstallScript);
}

/** Where Node looks for a package, from the inside out. */
function placesOf(path: string, name: string): readonly string[] {
    const folders = path.split("/node_modules/");
    const inner = folders.map((_, depth) => folders.slice(0, folders.length - depth).join("/node_modules/"));
    return [
        ...inner.filter((folder) => folder !== "").map((folder) => `${folder}/node_modules/${name}`),
        `node_modules/${name}`,
    ];
}

export type Audit =
    | { readonly is: "clean"; readonly packages: number }
    | { readonly is: "vulnerable"; readonly lines: readonly string[] }
    | { readonly is: "unknown"; readonly why: string };

/** What `npm audit --json` printed. */
export function readAudit(printed: string): Audit {
    const json = parse(printed);
    const report = reportSchema.safeParse(json);
    if (!report.success) {
        const refusal = refusalSchema.safeParse(json);
        const why = refusal.success ? refusal.data.message || refusal.data.error?.summary : undefined;
        return { is: "unknown", why: (why || "no report came").replace(/https?:\/\/\S+/g, "the registry") };
    }
    const lines = Object.entries(report.data.vulnerabilities).map(([name, { severity, range, via }]) => {
        const why = via.map((one) => (typeof one === "string" ? `by ${one}` : `${one.title} ${one.url}`)).join("; ");
        return `${name} ${range}: ${severity}: ${why}`;
    });
    return lines.length === 0
        ? { is: "clean", packages: report.data.metadata.dependencies.prod }
        : { is: "vulnerable", lines };
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
