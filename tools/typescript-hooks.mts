/** Lets plain Node run the TypeScript of src/ and test/ as it stands: imports without extension, parameter properties. */
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { transformSync } from "@swc/core";

/** What src/ loads only when it is needed, it loads by `require`, which an ES module does not have. On the code's first line, for the source map's sake. */
const REQUIRE_HERE = 'import { createRequire as __from } from "node:module"; const require = __from(import.meta.url); ';

registerHooks({
    resolve(specifier, context, next) {
        if (specifier.startsWith(".") && context.parentURL?.startsWith("file:")) {
            const found = [".ts", "/index.ts"]
                .map((ending) => new URL(specifier + ending, context.parentURL))
                .find((url) => existsSync(url));
            if (found !== undefined) {
                return { url: found.href, format: "module", shortCircuit: true };
            }
        }
        return next(specifier, context);
    },
    load(url, context, next) {
        if (!url.startsWith("file:") || !url.endsWith(".ts") || url.includes("/node_modules/")) {
            return next(url, context);
        }
        const { code } = transformSync(readFileSync(fileURLToPath(url), "utf8"), {
            filename: fileURLToPath(url),
            jsc: { parser: { syntax: "typescript" }, target: "es2022" },
            module: { type: "es6" },
            sourceMaps: "inline",
        });
        return { format: "module", source: `${REQUIRE_HERE}${code}`, shortCircuit: true };
    },
});
