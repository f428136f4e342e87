import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import { type Cloud, type CloudOptions, createCloud } from "../cloud/cloud";
import { createNetwork } from "../cloud/http/network";
import { serviceNames } from "../services/registry";
import { systemClock } from "../util/clock";

const { version }: { version: string } = require("../../package.json");

/**
 * The cloud over this process's own network, environment and files. Create it when it is first needed: then the hook that needs it
 * reports a misconfigured proxy. Each request waits for `beforeSend`. No request that changes anything is sent once `cancelled` aborts.
 */
export function createProcessCloud(
    options: Pick<CloudOptions, "beforeSend" | "cancelled" | "configurationAge" | "onThrottled"> = {},
): Cloud {
    return createCloud({
        clock: systemClock,
        random: Math.random,
        transport: createNetwork({ env: process.env, clock: systemClock }),
        env: process.env,
        readFile: (path) => readFile(path, "utf8"),
        homeDir: homeDirectory(),
        services: serviceNames,
        version,
        ...options,
    });
}

/** Undefined where HOME is not set and the system has no user entry for this process, as in containers. */
function homeDirectory(): string | undefined {
    try {
        const home = homedir();
        return isAbsolute(home) ? home : undefined;
    } catch {
        return undefined;
    }
}
