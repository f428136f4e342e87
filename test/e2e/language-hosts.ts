import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { checkout, environmentIn } from "./stack";

/**
 * The environment of an engine that runs programs of that language; undefined where no host for it is there and none may be built.
 * @param options "--cached": build nothing
 */
export function hostEnvironment(
    language: string,
    ...options: readonly "--cached"[]
): { readonly PATH: string } | undefined {
    const { PATH } = environmentIn("");
    const search = join(checkout, "tools/engine/language-hosts.mts");
    const found = spawnSync(process.execPath, [search, language, ...options], {
        env: { ...process.env, PATH },
        stdio: ["ignore", "pipe", "inherit"],
        encoding: "utf8",
    });
    return found.status === 0 ? { PATH: [found.stdout.trim(), PATH].join(delimiter) } : undefined;
}
