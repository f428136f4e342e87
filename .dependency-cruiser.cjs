// The house: each floor imports only floors below it (docs/architecture.md).
const above = {
    "(clock|lazily|cancellation|nearest|node-version|requires-node)": [
        "cloud",
        "batch",
        "services",
        "provider",
        "resources",
        "emulator",
    ],
    cloud: ["batch", "services", "provider", "resources", "emulator"],
    batch: ["cloud", "services", "provider", "resources", "emulator"],
    services: ["provider", "resources", "emulator"],
    provider: ["resources", "emulator"],
    resources: ["emulator"],
};
const places = (names) => `^src/(${names.join("|")})(/|\\.|$)`;
module.exports = {
    forbidden: [
        ...Object.entries(above).map(([floor, forbidden]) => ({
            name: `${floor}-imports-only-below`,
            severity: "error",
            from: { path: `^src/${floor}(/|\\.)` },
            to: { path: [places(forbidden), "^src/(index|cli)\\."] },
        })),
        {
            name: "emulator-shares-no-code-with-the-client-side",
            severity: "error",
            from: { path: "^src/emulator/" },
            to: { path: ["^src/(?!emulator/)", "^node_modules/(undici|@pulumi)/"] },
        },
        {
            name: "batch-knows-no-http-and-no-pulumi",
            severity: "error",
            from: { path: "^src/batch/" },
            to: { path: "^node_modules/" },
        },
        { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    ],
    options: {
        tsConfig: { fileName: "tsconfig.json" },
        tsPreCompilationDeps: true,
        doNotFollow: { path: "node_modules" },
    },
};
