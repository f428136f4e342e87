import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import type { SentRequest } from "../cloud/cloud";
import type { StackConfiguration } from "../cloud/settings/settings";
import { serviceNames, services } from "../services/registry";
import type { ListOptions } from "../services/shared/list-arguments";
import type { ListDefinition, ListedRow } from "../services/shared/list-definition";
import { onAbort } from "../util/abort";
import { systemClock } from "../util/clock";
import { lazy } from "../util/lazy";
import type { ProcessContext } from "./context";
import { connectTo, watchEngine, withoutEngine } from "./engine-watch";
import { UnknownSettings } from "./inputs/settings-watch";
import { createLifecycle, type Lifecycle } from "./lifecycle";
import { lookUp } from "./lookup";
import { type FindPlaceChange, MovedPlaces } from "./moved-places";
import { FileJournal } from "./ownership/operation-journal";
import { Ownership } from "./ownership/ownership";
import { processReport } from "./process-report";
import type { DeliverLog, LogMessage } from "./report/ordered-log";
import { createProgress } from "./report/progress";
import { isDebugLog, requestText } from "./report/request-text";
import { ProcessSecrets } from "./report/secret-words";
import { type CallFacts, hooksOf } from "./resource-hooks";
import { Sessions } from "./sessions";
import { Throttling } from "./throttling";

/** What the two faces know in different ways: of the engine, its cancellation, its log, and the stack's configuration. */
export interface Face {
    /** The engine's address; undefined in a process that no engine started. */
    readonly engine: { readonly host: string; readonly port: number } | undefined;
    /** Aborts when the engine cancels the operation. */
    readonly cancelled: AbortSignal;
    readonly configuration: () => StackConfiguration;
    readonly log: DeliverLog;
    /** Takes a message that did not reach the engine. */
    readonly undelivered: (message: LogMessage) => void;
    /** A hook begins. */
    readonly onHook?: (warn: (text: string) => void) => void;
}

export type ReadList = (
    definition: ListDefinition,
    given: unknown,
    options?: ListOptions,
) => Promise<readonly ListedRow[]>;

export interface ProviderProcess {
    readonly context: ProcessContext;
    /** The hooks for calls of which the engine says more than their properties do. */
    readonly lifecycle: (facts?: CallFacts) => Lifecycle;
    /** Reads a list of the cloud, as the process's hooks would: with their credentials, in their place. Rejects with one line. */
    readonly list: ReadList;
}

/** A process that the engine calls, over the real clock, network, environment and file system. */
export function createProviderProcess(face: Face): ProviderProcess {
    const { engine: address, cancelled, configuration } = face;
    const engine =
        address === undefined
            ? withoutEngine
            : watchEngine({ clock: systemClock, connect: connectTo(address), exit: () => process.exit(1) });
    if (address !== undefined) {
        // Also between the hooks, and in a preview, which calls none: a process that the engine has left has nobody to end it.
        void engine.during(() => new Promise<never>(() => {}));
    }
    const progress = createProgress(systemClock, face.log, face.undelivered);
    /** Its warnings have no URN, so that the engine shows them with the stack: no single resource causes them. */
    const settings = new UnknownSettings(process.env, serviceNames, configuration, (text) =>
        progress.note("", "warning", text),
    );
    const journal = address === undefined ? undefined : new FileJournal(`${address.host}:${address.port}`);
    const ownership = new Ownership(systemClock, journal);
    // Cancel comes at every normal end as well, when no delete follows. It also comes to a process whose provider goes with its last
    // resource, while others are still to read the journal.
    onAbort(cancelled, () => {
        if (ownership.servesDeclared) {
            journal?.discard();
        }
    });
    const throttling = new Throttling();
    const secrets = new ProcessSecrets();
    const debugLog = isDebugLog(process.env)
        ? {
              // "info": messages for debugging are shown with --debug alone, with which the SDK prints secret outputs in clear.
              onRequest: (request: SentRequest) =>
                  progress.note("", "info", `debug: ${secrets.conceal(requestText(request, "ids"))}`),
          }
        : {};
    const cloud = lazy(() =>
        loadProcessCloud().createProcessCloud({
            beforeSend: () => engine.assertEngine(),
            cancelled,
            configurationAge: () => settings.age,
            onThrottled: (service) => throttling.throttled(service.name),
            ...debugLog,
        }),
    );

    const context: ProcessContext = {
        clock: systemClock,
        random: Math.random,
        // An empty variable counts as not set, as everywhere.
        env: { HUAWEICLOUD_BATCH_TIMEOUT: process.env.HUAWEICLOUD_BATCH_TIMEOUT || undefined },
        progress,
        report: processReport(process.env),
        secrets,
        cancelled,
        sessions: new Sessions(systemClock, Math.random, cancelled),
        ownership,
        connect: async (request, signal) => cloud().connect(request, configuration(), signal),
        throttling,
        guardLists: lazy(() => loadGuardLists().processGuardLists(configuration(), settings.age)),
        newId: () => randomBytes(8).toString("hex"),
    };
    const movedPlaces = new MovedPlaces(systemClock, placeChanges(configuration), (urn, text) =>
        progress.note(urn, "warning", text),
    );
    const lifecycle = (facts: CallFacts = {}) =>
        createLifecycle(
            engine,
            (resource) => {
                face.onHook?.((warning) => progress.note("", "warning", warning));
                return hooksOf(resource, context, services, facts);
            },
            settings,
            movedPlaces,
        );
    const list: ReadList = async (definition, given, options) => {
        const asked = loadListRows().listLookUp(definition, given, options);
        const settings = { env: process.env, services: serviceNames, configuration: configuration(), cancelled };
        return lookUp(cloud(), systemClock, { ...asked, ...settings });
    };
    return { context, lifecycle, list };
}

/** Compares each stored place once: environment and configuration do not change while this process lives. */
function placeChanges(configuration: () => StackConfiguration): FindPlaceChange {
    const known = new Map<string, Promise<string | undefined>>();
    return (stored, given) => {
        const key = JSON.stringify([stored, given]);
        const found =
            known.get(key) ??
            loadPlaceChange()
                .placeChange(stored, given, {
                    env: process.env,
                    config: configuration(),
                    homeDir: homedir(),
                    readFile: (path) => readFile(path, "utf8"),
                })
                // The hook that needs a wrong setting reports it.
                .catch(() => undefined);
        known.set(key, found);
        return found;
    };
}

function loadListRows(): typeof import("./matching/list-rows") {
    return require("./matching/list-rows");
}

function loadGuardLists(): typeof import("./process-guard-lists") {
    return require("./process-guard-lists");
}

function loadPlaceChange(): typeof import("../cloud/place/place-change") {
    return require("../cloud/place/place-change");
}

function loadProcessCloud(): typeof import("./process-cloud") {
    return require("./process-cloud");
}
