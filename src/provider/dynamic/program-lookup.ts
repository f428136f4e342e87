import type { Cloud } from "../../cloud/cloud";
import { unknownVariables } from "../../cloud/settings/known";
import { serviceNames } from "../../services/registry";
import { systemClock } from "../../util/clock";
import { stackConfiguration } from "../inputs/stack-configuration";
import { type LookUp, lookUp } from "../lookup";
import { createProcessCloud } from "./process";

/**
 * One cloud for each operation: a process of the Automation API runs several programs, and a cloud remembers a refused identity or a
 * missing project. That must not outlive the operation.
 */
const clouds = new WeakMap<object, Cloud>();
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
    operation: Operation,
): Promise<T> {
    const key = operation.key ?? NO_OPERATION;
    const known = clouds.get(key);
    const cloud = known ?? createProcessCloud();
    if (known === undefined) {
        clouds.set(key, cloud);
        const unknown = unknownVariables(process.env, serviceNames);
        if (unknown !== undefined) {
            operation.warn(unknown);
        }
    }
    return lookUp(cloud, systemClock, {
        ...request,
        env: process.env,
        services: serviceNames,
        configuration: stackConfiguration(configuration),
    });
}
