import type { Cloud } from "../../cloud/cloud";
import { createProcessCloud } from "../process-cloud";

const clouds = new WeakMap<object, Cloud>();

/**
 * The cloud that programs read from: one for each operation, which `operation` identifies. A process of the Automation API runs several
 * programs, and a cloud remembers a refused identity or a missing project: that must not outlive the operation.
 */
export function programCloud(operation: object): Cloud {
    const known = clouds.get(operation);
    if (known !== undefined) {
        return known;
    }
    const cloud = createProcessCloud();
    clouds.set(operation, cloud);
    return cloud;
}
