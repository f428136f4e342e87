import { RunError, runtime } from "@pulumi/pulumi";
import type { CloudClient, Service } from "../cloud/call";

/** Where to read, and as whom. */
export interface ListArgs {
    /** Default: the environment (HW_REGION_NAME …), stack configuration, the profile. */
    readonly region?: string | undefined;
    /** Default: as for the region; then the project that bears the region's name. */
    readonly projectId?: string | undefined;
    /** Name of a KooCLI profile. */
    readonly profile?: string | undefined;
}

/** The service's facts are loaded when something is listed, not with the package. */
export interface Listing<T> {
    /** "roma.listApps" */
    readonly name: string;
    readonly service: () => Service;
    readonly read: (client: CloudClient, signal: AbortSignal) => Promise<T>;
}

/** Reads from the cloud, in preview too. Fails with one line: the operation, the cloud's code, message and request id. */
export async function listInCloud<T>({ name, service, read }: Listing<T>, where: ListArgs): Promise<T> {
    try {
        return await load().lookUpInCloud({ service: service(), read, where }, runtime.allConfig());
    } catch (error) {
        throw new RunError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
}

function load(): typeof import("../provider/system-lookup") {
    return require("../provider/system-lookup");
}
