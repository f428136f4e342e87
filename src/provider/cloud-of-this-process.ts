import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { systemClock } from "../clock";
import { type Cloud, createCloud } from "../cloud/cloud";
import { createNetwork } from "../cloud/network";

const { version }: { version: string } = require("../../package.json");

/**
 * The cloud over this process's own network, environment and files. To be made when it is first needed: a proxy that is
 * misconfigured is then the error of the hook that needs it. `beforeSend` is awaited before each request; once `cancelled`
 * aborts nothing is changed any more.
 */
export function cloudOfThisProcess(beforeSend?: () => Promise<void>, cancelled?: AbortSignal): Cloud {
    return createCloud({
        clock: systemClock,
        random: Math.random,
        transport: createNetwork({ env: process.env, clock: systemClock }),
        env: process.env,
        readFile: (path) => readFile(path, "utf8"),
        homeDir: homedir(),
        version,
        ...(beforeSend === undefined ? {} : { beforeSend }),
        ...(cancelled === undefined ? {} : { cancelled }),
    });
}
