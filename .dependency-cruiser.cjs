// The layers: each folder imports only folders below it (docs/architecture.md). Top first.
const layers = ["commands", "resources", "provider", "services", "batch", "cloud", "util"];
/** Within provider/: the faces above the resource families, those above what both share. */
const providerLayers = [
    ["dynamic", "plugin"],
    ["provider-process.ts"],
    ["resource-hooks.ts", "assessment"],
    ["target-set", "batch-task"],
    [
        "lifecycle.ts",
        "guards",
        "ownership",
        "matching",
        "targets.ts",
        "state.ts",
        "engine-watch.ts",
        "report",
        "waiting",
        "moved-places.ts",
        "sessions.ts",
        "lookup.ts",
        "context.ts",
        "throttling.ts",
        "throttled-row.ts",
        "process-cloud.ts",
        "process-guard-lists.ts",
        "process-report.ts",
    ],
    ["inputs", "hooks.ts", "call.ts", "call-record.ts"],
];
const folder = (name) => `${name}(/|\\.|$)`;

const forbidden = [
    ...layers.flatMap((layer, depth) => ({
        name: `${layer}-imports-only-layers-below`,
        severity: "error",
        from: { path: `^src/${layer}/` },
        to: { path: ["^src/(index|cli)\\.", ...layers.slice(0, depth).map((above) => `^src/${folder(above)}`)] },
    })),
    {
        name: "util-imports-nothing",
        severity: "error",
        from: { path: "^src/util/" },
        to: { path: ["^src/(?!util/)", "^node_modules/"] },
    },
    {
        name: "batch-imports-no-package",
        severity: "error",
        from: { path: "^src/batch/" },
        to: { path: ["^node_modules/", "^src/cloud/"] },
    },
    {
        name: "the-emulator-shares-no-code-with-the-client",
        severity: "error",
        from: { path: "^emulator/src/" },
        to: { path: ["^src/", "^node_modules/(undici|@pulumi)/"] },
    },
    {
        name: "the-client-shares-no-code-with-the-emulator",
        severity: "error",
        from: { path: "^src/" },
        to: { path: "^emulator/" },
    },
    {
        name: "provider-knows-no-request",
        comment: "A service is known by its definition; a batch task by what its folder exports.",
        severity: "error",
        from: { path: "^src/provider/" },
        to: {
            path: "^src/services/",
            pathNot: [
                "^src/services/(definition|listed-kind|registry)\\.ts$",
                "^src/services/shared/",
                "^src/services/vias/batch-task/index\\.ts$",
            ],
        },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
];
for (const [depth, names] of providerLayers.entries()) {
    const above = providerLayers.slice(0, depth).flat();
    for (const name of names) {
        if (above.length > 0) {
            forbidden.push({
                name: `provider-${name}-imports-only-layers-below`,
                severity: "error",
                from: { path: `^src/provider/${name}` },
                to: { path: above.map((each) => `^src/provider/${each}`) },
            });
        }
    }
}

module.exports = {
    forbidden,
    options: {
        tsConfig: { fileName: "tsconfig.json" },
        tsPreCompilationDeps: true,
        doNotFollow: { path: "node_modules" },
    },
};
