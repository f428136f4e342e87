import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute } from "node:path";
import { type Cloud, type CloudOptions, createCloud, type SentRequest } from "../cloud/cloud";
import { createNetwork } from "../cloud/http/network";
import { serviceNames } from "../services/registry";
import { systemClock } from "../util/clock";
import { isDebugLog, requestText } from "./report/request-text";

const { version }: { version: string } = require("../../package.json");

/**
 * The cloud over this process's own network, environment and files. Create it when it is first needed: then the hook that needs it
 * reports a misconfigured proxy. Each request waits for `beforeSend`. No request that changes anything is sent once `cancelled` aborts.
 */
export function createProcessCloud(
    options: Pick<CloudOptions, "beforeSend" | "cancelled" | "configurationAge" | "onThrottled" | "onRequest"> = {},
): Cloud {
    const debugLog = isDebugLog(process.env) ? { onRequest: printRequest } : {};
    return createCloud({
        clock: systemClock,
        random: Math.random,
        transport: createNetwork({ env: process.env, clock: systemClock }),
        env: process.env,
        readFile: (path) => readFile(path, "utf8"),
        homeDir: homeDirectory(),
        services: serviceNames,
        version,
        ...debugLog,
        ...options,
    });
}

/** Where no hook runs nobody knows which ids the program marks secret: none is named. */
function printRequest(request: SentRequest): void {
    // console.error does not throw on a closed stream.
    console.error(`pulumi-huaweicloud-batch: debug: ${requestText(request, "count")}`);
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
