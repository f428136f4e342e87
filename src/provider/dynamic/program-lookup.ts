import { unknownVariables } from "../../cloud/settings/known";
import { serviceNames } from "../../services/registry";
import { systemClock } from "../../util/clock";
import { stackConfiguration } from "../inputs/stack-configuration";
import { type LookUp, lookUp } from "../lookup";
import { programCloud } from "./program-cloud";

const warned = new WeakSet<object>();
const NO_OPERATION = {};

/** The operation that a program is part of, and how to warn its user. */
export interface Operation {
    /** Identifies the operation. Undefined: no engine. */
    readonly key: object | undefined;
    readonly warn: (text: string) => void;
}

/** Reads from the real cloud for a program. `configuration` is the stack's whole configuration. */
export async function lookUpInCloud<T>(
    request: Omit<LookUp<T>, "configuration" | "env" | "services">,
    configuration: Readonly<Record<string, string>>,
    { key = NO_OPERATION, warn }: Operation,
): Promise<T> {
    const cloud = programCloud(key);
    if (!warned.has(key)) {
        warned.add(key);
        const unknown = unknownVariables(process.env, serviceNames);
        if (unknown !== undefined) {
            warn(unknown);
        }
    }
    return lookUp(cloud, systemClock, {
        ...request,
        env: process.env,
        services: serviceNames,
        configuration: stackConfiguration(configuration),
    });
}
