import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const lockSchema = z.object({
    packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).default({}) })),
});

/** Where Node would look for it, from the package that asks. */
function candidates(asker: string, name: string): string[] {
    const places = [];
    for (let at = asker; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
        places.push(`${at}/node_modules/${name}`);
    }
    return [...places, `node_modules/${name}`];
}

// `npm install` against a registry that lacks the binaries of other platforms leaves them out, and then `npm ci` refuses
// the lock file: on those platforms always, and elsewhere wherever the registry is such a one.
test("package-lock.json names the binaries of all platforms", () => {
    const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(__dirname, "../../package-lock.json"), "utf8")));
    const missing = Object.entries(packages).flatMap(([asker, { optionalDependencies }]) =>
        Object.keys(optionalDependencies).filter((name) => !candidates(asker, name).some((place) => place in packages)),
    );
    expect(missing).toEqual([]);
});
