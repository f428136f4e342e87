import type { TargetSetDefinition } from "./definition";
import type { ListDefinition } from "./shared/list-definition";

/** What a service's folder exports for the provider. */
export interface ServiceModule {
    readonly definitions: readonly TargetSetDefinition[];
    /** Left out: the service has no list that a program may read. */
    readonly lists?: readonly ListDefinition[];
}

/** By the name of the service. A stack uses one or two of them: the others are never loaded. */
export type Services = Readonly<Record<string, () => ServiceModule>>;

/** Each service that this package has resources for, one line each: everything else that must know them all derives it from here. */
export const services: Services = {
    roma: (): typeof import("./roma") => require("./roma"),
    workspaceapp: (): typeof import("./workspaceapp") => require("./workspaceapp"),
    clouddc: (): typeof import("./clouddc") => require("./clouddc"),
    metastudio: (): typeof import("./metastudio") => require("./metastudio"),
    vias: (): typeof import("./vias") => require("./vias"),
};

export const serviceNames: readonly string[] = Object.keys(services);

/** By the hidden input `__resource` ("roma:AssetBatchDeletion"); undefined for what this release does not know. */
export function definitionOf(resource: string, known: Services): TargetSetDefinition | undefined {
    const [service = ""] = resource.split(":");
    const load = Object.hasOwn(known, service) ? known[service] : undefined;
    return load?.().definitions.find((definition) => definition.resource === resource);
}
