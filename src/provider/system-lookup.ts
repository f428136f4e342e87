import { systemClock } from "../clock";
import type { Cloud } from "../cloud/cloud";
import { cloudOfThisProcess } from "./cloud-of-this-process";
import { type LookUp, lookUp } from "./lookup";
import { stackConfiguration } from "./stack-configuration";

let cloud: Cloud | undefined;

/** A look-up in the real cloud, for a program; `configuration` is all of its stack's. */
export async function lookUpInCloud<T>(
    asked: Omit<LookUp<T>, "configuration">,
    configuration: Readonly<Record<string, string>>,
): Promise<T> {
    cloud ??= cloudOfThisProcess();
    return lookUp(cloud, systemClock, { ...asked, configuration: stackConfiguration((key) => configuration[key]) });
}
