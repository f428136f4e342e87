import type { EngineWatch } from "./engine-watch";
import { type BoundHooks, Incomplete, type Properties } from "./hooks";
import { shownFailures } from "./inputs/check-failures";
import { sameValue } from "./inputs/properties";
import { secretInputs } from "./inputs/secret-inputs";
import { noSettingsWatch, type SettingsWatch } from "./inputs/settings-watch";
import { type MovedPlaces, nothingMoves } from "./moved-places";
import { errorText } from "./report/error-text";
import { concealing, withDerivedSecrets } from "./report/secret-words";

export interface Lifecycle {
    check(
        olds: Properties | undefined,
        news: Properties,
    ): Promise<{ inputs: Properties; failures: Array<{ property: string; reason: string }> }>;
    diff(
        id: string,
        olds: Properties,
        news: Properties,
    ): Promise<{ changes: boolean; replaces: string[]; deleteBeforeReplace: boolean }>;
    create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
    read(id: string, props: Properties): Promise<{ id: string; props: Properties }>;
    update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
    remove(id: string, props: Properties): Promise<void>;
}

/**
 * The hooks as a dynamic provider has to answer them (cmd/dynamic-provider of @pulumi/pulumi). That host breaks on thrown things that are no
 * errors, on numeric codes and on `undefined` in outputs, and it prints stack traces: none of these reaches it.
 */
export function createLifecycle(
    engine: EngineWatch,
    hooksOf: (resource: string) => BoundHooks,
    settings: SettingsWatch = noSettingsWatch,
    moved: Pick<MovedPlaces, "during" | "duringRemoval"> = nothingMoves,
): Lifecycle {
    const hooks = (properties: Properties) => hooksOf(resourceOf(properties));
    let isPreview = false;
    return {
        check: (olds, news) =>
            withReadableErrors([], async () => {
                settings.programSeen();
                const { __inUp, ...given } = news;
                isPreview ||= __inUp === false;
                // In an up, create and update refuse a wrong configuration: the same is not reported twice.
                settings.warn(__inUp === true ? "environment" : "all");
                // The engine's host hands on nothing at all where there are no old inputs.
                const { inputs, failures } = await hooks(given).check(given, olds ?? {});
                return { inputs: toJson(inputs), failures: shownFailures(given, failures) };
            }),
        diff: (_id, olds, news) =>
            withReadableErrors([olds, news], () =>
                moved.during(olds, news, async () => {
                    const { changes, replaces, deleteBeforeReplace } = await hooks(olds).diff(olds, news, isPreview);
                    // What is derived from an argument that became a secret is not to stay in clear.
                    const sameSecrets = sameValue([...secretInputs(olds)].sort(), [...secretInputs(news)].sort());
                    if (!changes && sameSecrets) {
                        settings.warn("all");
                    }
                    return { changes: changes || !sameSecrets, replaces: [...replaces], deleteBeforeReplace };
                }),
            ),
        create: (inputs) =>
            keepOnPartialFailure(inputs, [inputs], () =>
                engine.during(async () => {
                    settings.refuseUnknown();
                    const { id, outputs } = await hooks(inputs).create(inputs);
                    return { id, outs: toJson(withDerivedSecrets(outputs, inputs)) };
                }),
            ),
        read: (id, props) =>
            withReadableErrors([props], () =>
                engine.during(() =>
                    moved.during(props, props, async () => {
                        settings.warn("all");
                        const found = await hooks(props).read(id, props);
                        // A blank id takes the resource out of the state.
                        return found === "gone"
                            ? { id: "", props: {} }
                            : { id: found.id, props: toJson(withDerivedSecrets(found.outputs, props)) };
                    }),
                ),
            ),
        update: (id, olds, news) =>
            keepOnPartialFailure(news, [olds, news], () =>
                engine.during(() =>
                    moved.during(olds, news, async () => {
                        settings.refuseUnknown();
                        return { outs: toJson(withDerivedSecrets(await hooks(news).update(id, olds, news), news)) };
                    }),
                ),
            ),
        remove: (id, props) =>
            withReadableErrors([props], () =>
                engine.during(() =>
                    moved.duringRemoval(props, async () => {
                        settings.warn("all");
                        await hooks(props).remove(id, props);
                    }),
                ),
            ),
    };
}

function resourceOf({ __resource }: Properties): string {
    if (typeof __resource === "string") {
        return __resource;
    }
    throw new Error(
        "this resource does not say which of pulumi-huaweicloud-batch it is (__resource): import is not supported; declare it in a program",
    );
}

/** Any failure as one the user can read: a message of ours, no stack, nothing else that would leak into gRPC. */
async function withReadableErrors<T>(given: readonly Properties[], hook: () => Promise<T>): Promise<T> {
    try {
        return await hook();
    } catch (error) {
        throw readable(concealing(...given)(errorText(error)));
    }
}

/** Create and update may leave something behind: then the engine is asked to keep the resource. */
async function keepOnPartialFailure<T>(
    inputs: Properties,
    given: readonly Properties[],
    hook: () => Promise<T>,
): Promise<T> {
    try {
        return await hook();
    } catch (error) {
        const conceal = concealing(...given);
        if (error instanceof Incomplete) {
            // The engine shows only the reasons, and stores the properties as they are: without the code, delete could not run.
            const properties = toJson({ ...withDerivedSecrets(error.outputs, inputs), __provider: inputs.__provider });
            const reasons = error.reasons.map(conceal);
            throw Object.assign(readable(conceal(error.message)), { id: error.id, properties, reasons });
        }
        throw readable(conceal(errorText(error)));
    }
}

function readable(message: string): Error {
    const error = new Error(message);
    error.stack = "";
    return error;
}

/** As JSON has it: the engine's host refuses `undefined` after the work is done, and the resource would be lost. */
function toJson(properties: Properties): Properties {
    return Object.fromEntries(
        Object.entries(properties)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [name, isProperties(value) ? toJson(value) : value]),
    );
}

function isProperties(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
