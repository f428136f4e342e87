const { availableParallelism } = require("node:os");

const shared = {
    transform: {
        "^.+\\.(ts|mts|cts)$": [
            "@swc/jest",
            { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
        ],
    },
    testEnvironment: "node",
    // What `npm run sdks` makes has packages of its own.
    modulePathIgnorePatterns: ["<rootDir>/sdks/"],
};
module.exports = {
    // A Pulumi run keeps a processor busy and takes some hundred megabytes; tests of cancellation and kills mostly wait.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    reporters: ["default", "<rootDir>/tools/counts.cjs"],
    projects: [
        {
            ...shared,
            displayName: "unit",
            testMatch: ["<rootDir>/test/**/*.test.ts", "<rootDir>/emulator/test/**/*.test.ts"],
            testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/e2e/", "<rootDir>/test/languages/"],
            setupFilesAfterEnv: ["<rootDir>/test/each.setup.ts"],
        },
        {
            ...shared,
            displayName: "e2e",
            testMatch: ["<rootDir>/test/e2e/**/*.test.ts"],
            globalSetup: "<rootDir>/test/e2e/engine.setup.ts",
            setupFilesAfterEnv: ["<rootDir>/test/e2e/each.setup.ts"],
        },
    ],
};
