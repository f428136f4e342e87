import "../../util/requires-node";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import type { dynamic } from "@pulumi/pulumi";
import type { Cloud } from "../../cloud/cloud";
import { serviceNames } from "../../services/registry";
import { systemClock } from "../../util/clock";
import { lazy } from "../../util/lazy";
import type { ProcessContext } from "../context";
import { connectTo, engineAddress, watchEngine, withoutEngine } from "../engine-watch";
import { UnknownSettings } from "../inputs/settings-watch";
import { configurationOf } from "../inputs/stack-configuration";
import { createLifecycle } from "../lifecycle";
import { type FindPlaceChange, MovedPlaces } from "../moved-places";
import { FileJournal } from "../ownership/operation-journal";
import { Ownership } from "../ownership/ownership";
import { createProgress } from "../report/progress";
import { hooksOf } from "../resource-hooks";
import { Sessions } from "../sessions";
import { Throttling } from "../throttling";
import { observeCancellation, withoutCancellation } from "./cancellation";
import { engineLogService, printedFor, withoutLogService } from "./engine-log";

/** The real context of a dynamic-provider process. The shim in a stack's state requires this module. */
const address = engineAddress(process.argv);
const engine =
    address === undefined
        ? withoutEngine
        : watchEngine({ clock: systemClock, connect: connectTo(address), exit: () => process.exit(1) });

const cancellation = address === undefined ? withoutCancellation : observeCancellation();

let configuration: dynamic.Config | undefined;
let cloud: Cloud | undefined;
const progress = createProgress(
    systemClock,
    address === undefined ? withoutLogService : engineLogService(address),
    // console.error does not throw on a closed stream.
    printedFor((line) => console.error(line)),
);
/** Its warnings have no URN, so that the engine shows them with the stack: no single resource causes them. */
const settings = new UnknownSettings(
    process.env,
    serviceNames,
    () => configurationOf(configuration, serviceNames),
    (text) => progress.note("", "warning", text),
);
/** Discarded at Cancel, which also comes at every normal end: no delete follows it. */
const journal = address === undefined ? undefined : new FileJournal(`${address.host}:${address.port}`);
cancellation.signal.addEventListener("abort", () => journal?.discard(), { once: true });

const throttling = new Throttling();

const context: ProcessContext = {
    clock: systemClock,
    random: Math.random,
    // An empty variable counts as not set, as everywhere.
    env: { HUAWEICLOUD_BATCH_TIMEOUT: process.env.HUAWEICLOUD_BATCH_TIMEOUT || undefined },
    progress,
    cancelled: cancellation.signal,
    sessions: new Sessions(systemClock, Math.random, cancellation.signal),
    ownership: new Ownership(systemClock, journal),
    connect: async (request, signal) => {
        cloud ??= loadProcess().createProcessCloud({
            beforeSend: () => engine.assertEngine(),
            cancelled: cancellation.signal,
            configurationAge: () => settings.age,
            onThrottled: (service) => throttling.throttled(service.name),
        });
        return cloud.connect(request, configurationOf(configuration, serviceNames), signal);
    },
    throttling,
    guardLists: lazy(() =>
        loadGuardLists().processGuardLists(configurationOf(configuration, serviceNames), settings.age),
    ),
    newId: () => randomBytes(8).toString("hex"),
};

/** Compares each stored place once: environment and configuration do not change while this process lives. */
const placeChanges = new Map<string, Promise<string | undefined>>();
const findPlaceChange: FindPlaceChange = (stored, given) => {
    const key = JSON.stringify([stored, given]);
    const known =
        placeChanges.get(key) ??
        loadPlaceChange()
            .placeChange(stored, given, {
                env: process.env,
                config: configurationOf(configuration, serviceNames),
                homeDir: homedir(),
                readFile: (path) => readFile(path, "utf8"),
            })
            // The hook that needs a wrong setting reports it.
            .catch(() => undefined);
    placeChanges.set(key, known);
    return known;
};
const movedPlaces = new MovedPlaces(systemClock, findPlaceChange, (urn, text) =>
    context.progress.note(urn, "warning", text),
);

const lifecycle = createLifecycle(
    engine,
    (resource) => {
        cancellation.hookCalled((warning) => context.progress.note("", "warning", warning));
        return hooksOf(resource, context);
    },
    settings,
    movedPlaces,
);

/** Only stores: the engine's host does not wait for it and ignores its failure. */
export function configure(config: dynamic.Config): void {
    configuration = config;
}

export const { check, diff, create, read, update, remove } = lifecycle;

function loadGuardLists(): typeof import("./guard-lists") {
    return require("./guard-lists");
}

function loadPlaceChange(): typeof import("../../cloud/place/place-change") {
    return require("../../cloud/place/place-change");
}

function loadProcess(): typeof import("./process") {
    return require("./process");
}
