import type { Cloud } from "../../cloud/cloud";
import { unknownVariables } from "../../cloud/settings/known";
import { serviceNames } from "../../services/registry";
import { systemClock } from "../../util/clock";
import { stackConfiguration } from "../inputs/stack-configuration";
import { type LookUp, lookUp } from "../lookup";
import { createProcessCloud } from "./process";

/**
 * By operation: a process of the Automation API runs one program after the other, or several at once, and what one of them was
 * refused (a wrong key, no such project) must not be refused for ever.
 */
const clouds = new WeakMap<object, Cloud>();
const NO_OPERATION = {};

/** The operation that a program is part of, and how to tell its user something. */
export interface Operation {
    /** The same for all of one operation, another one for the next. Undefined: no engine. */
    readonly key: object | undefined;
    readonly warn: (text: string) => void;
}

/** A look-up in the real cloud, for a program; `configuration` is all of its stack's. */
export async function lookUpInCloud<T>(
    asked: Omit<LookUp<T>, "configuration" | "env" | "services">,
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
        ...asked,
        env: process.env,
        services: serviceNames,
        configuration: stackConfiguration(configuration),
    });
}
