import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { systemClock } from "../clock";
import { type Cloud, createCloud } from "../cloud/cloud";
import { createNetwork } from "../cloud/network";

/** The real cloud, as this process's environment and network have it. `beforeSend` as in CloudOptions. */
export function systemCloud(beforeSend?: () => Promise<void>): Cloud {
    // Two folders up from the sources and from what is compiled of them alike.
    const { version }: { version: string } = require("../../package.json");
    return createCloud({
        clock: systemClock,
        random: Math.random,
        transport: createNetwork({ env: process.env, clock: systemClock }),
        env: process.env,
        readFile: (path) => readFile(path, "utf8"),
        homeDir: homedir(),
        version,
        ...(beforeSend === undefined ? {} : { beforeSend }),
    });
}
