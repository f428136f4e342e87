import { randomBytes } from "node:crypto";
import type { dynamic } from "@pulumi/pulumi";
import { systemClock } from "../clock";
import { cloudOfThisProcess } from "./cloud-of-this-process";
import { connectTo, engineAddress, watchEngine, withoutEngine } from "./engine";
import { createLifecycle } from "./lifecycle";
import { createProgress, engineLogService, noLogService } from "./progress";
import { RecordedTargets } from "./recorded";
import { hooksOf } from "./resources";
import { Sessions } from "./sessions";
import { stackConfiguration } from "./stack-configuration";
import type { Surroundings } from "./surroundings";

/** The real surroundings of a dynamic-provider process. The shim in a stack's state requires this module. */
const address = engineAddress(process.argv);
const engine =
    address === undefined
        ? withoutEngine
        : watchEngine({ clock: systemClock, connect: connectTo(address), exit: () => process.exit(1) });

let configuration: dynamic.Config | undefined;
const cloud = cloudOfThisProcess(() => engine.assertEngine());
const surroundings: Surroundings = {
    clock: systemClock,
    random: Math.random,
    env: { HUAWEICLOUD_BATCH_TIMEOUT: process.env.HUAWEICLOUD_BATCH_TIMEOUT },
    progress: createProgress(systemClock, address === undefined ? noLogService : engineLogService(address)),
    engine,
    sessions: new Sessions(systemClock, Math.random),
    recorded: new RecordedTargets(),
    connect: async (wish, signal) =>
        cloud().connect(
            wish,
            stackConfiguration((key) => configuration?.get(key)),
            signal,
        ),
    newId: () => randomBytes(8).toString("hex"),
};

const lifecycle = createLifecycle(engine, (resource) => hooksOf(resource, surroundings));

/** Only stores: the engine's host does not wait for it, and forgets its failure. */
export function configure(config: dynamic.Config): void {
    configuration = config;
}

export const { check, diff, create, read, update, remove } = lifecycle;
