const { projects } = require("./jest.config.cjs");

/** Programs in other languages than Node's: their hosts, packages and modules are had from registries, and built, the first time. */
process.env.BUILD_HOSTS = "1";
const e2e = projects.find(({ displayName }) => displayName === "e2e");
module.exports = {
    ...e2e,
    displayName: "languages",
    testMatch: ["<rootDir>/test/languages/**/*.test.ts", "<rootDir>/test/e2e/yaml-program.test.ts"],
    maxWorkers: 1,
};
