import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Engine } from "./find.mts";

/** PATH with what the engine needs in front. */
export function pathFor(engine: Engine): string {
    return [...engine.path, process.env.PATH ?? ""].join(delimiter);
}

/** A Pulumi home and a file backend below `directory`: nobody's own login and stacks are touched. */
export async function localState(directory: string): Promise<Record<string, string>> {
    const home = join(directory, "home");
    const state = join(directory, "state");
    await mkdir(home, { recursive: true });
    await mkdir(state, { recursive: true });
    return {
        PULUMI_HOME: home,
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "1",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
        PULUMI_DISABLE_REGISTRY_RESOLVE: "1",
    };
}
