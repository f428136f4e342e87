import "../../util/requires-node";
import type { dynamic } from "@pulumi/pulumi";
import { serviceNames } from "../../services/registry";
import { engineAddress } from "../engine-watch";
import { configurationOf } from "../inputs/stack-configuration";
import { createProviderProcess } from "../provider-process";
import { engineLogService, printedFor, withoutLogService } from "../report/engine-log";
import { observeCancellation, withoutCancellation } from "./cancellation";

/** Face 1: a dynamic provider's process. The shim in a stack's state requires this module. */
const engine = engineAddress(process.argv);
const cancellation = engine === undefined ? withoutCancellation : observeCancellation();

let configuration: dynamic.Config | undefined;

const { lifecycle } = createProviderProcess({
    engine,
    cancelled: cancellation.signal,
    configuration: () => configurationOf(configuration, serviceNames),
    log: engine === undefined ? withoutLogService : engineLogService(engine),
    // console.error does not throw on a closed stream.
    undelivered: printedFor((line) => console.error(line)),
    onHook: cancellation.hookCalled,
});

/** Only stores: the engine's host does not wait for it and ignores its failure. */
export function configure(config: dynamic.Config): void {
    configuration = config;
}

const hooks = lifecycle();

export const { check, create, read, update, remove } = hooks;

/** What the plugin made has no code among its outputs, and delete runs none without: an update stores it. */
export async function diff(...[id, olds, news]: Parameters<typeof hooks.diff>): ReturnType<typeof hooks.diff> {
    const difference = await hooks.diff(id, olds, news);
    return { ...difference, changes: difference.changes || olds.__provider === undefined };
}
