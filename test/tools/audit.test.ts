import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readAudit, scriptsAtInstallation } from "../../tools/audit/report.mts";

const root = join(__dirname, "../..");
const json = (name: string): unknown => JSON.parse(readFileSync(join(root, name), "utf8"));
const counts = { metadata: { dependencies: { prod: 5 } } };

test("a known vulnerability fails, with where it is told of", () => {
    const hono = {
        severity: "high",
        range: "<4.0.0",
        via: [{ title: "Open redirect", url: "https://example.com/a" }, "zod"],
    };
    expect(readAudit(JSON.stringify({ vulnerabilities: { hono }, ...counts }))).toEqual({
        is: "vulnerable",
        lines: ["hono <4.0.0: high: Open redirect https://example.com/a; by zod"],
    });
    expect(readAudit(JSON.stringify({ vulnerabilities: {}, ...counts }))).toEqual({ is: "clean", packages: 5 });
});

test.each([
    ["", "no report came"],
    ["<html>", "no report came"],
    ["{}", "no report came"],
    [
        '{"message":"405 Method Not Allowed - POST https://registry.example/x","error":{"summary":""}}',
        "405 Method Not Allowed - POST the registry",
    ],
    ['{"error":{"summary":"request failed"}}', "request failed"],
])("what is no report is neither clean nor vulnerable: %s", (printed, why) => {
    expect(readAudit(printed)).toEqual({ is: "unknown", why });
});

test("a script at installation is found, however deep, and one of a peer is not ours", () => {
    const packages = {
        "": { dependencies: { a: "1" } },
        "node_modules/a": { dependencies: { b: "1" } },
        "node_modules/a/node_modules/b": { dependencies: { c: "1" } },
        "node_modules/b": { hasInstallScript: true },
        "node_modules/c": { hasInstallScript: true },
        "node_modules/peer": { hasInstallScript: true },
    };
    expect(scriptsAtInstallation({ packages })).toEqual(["node_modules/c"]);
});

test("installing this package runs nothing", () => {
    expect(scriptsAtInstallation(json("package-lock.json"))).toEqual([]);
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(json("package.json"));
    const atInstallation = ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"];
    expect(Object.keys(scripts).filter((name) => atInstallation.includes(name))).toEqual([]);
});
