import type { StackConfiguration } from "../cloud/settings";

/** What of the stack configuration is ours, without the namespace `huaweicloud-batch:`. */
const KEYS = [
    "region",
    "projectId",
    "projectName",
    "profile",
    "cloud",
    "accessKey",
    "secretKey",
    "securityToken",
    "authToken",
    "userName",
    "userId",
    "password",
    "domainName",
    "domainId",
    "endpoint",
    "endpointRoma",
    "endpointWorkspaceapp",
    "endpointClouddc",
    "endpointMetastudio",
    "endpointVias",
    "endpointIam",
] as const;

/** Reads it from a lookup, as `configure` and programs have it: one key at a time. */
export function stackConfiguration(get: (key: string) => string | undefined): StackConfiguration {
    const found: Record<string, string> = {};
    for (const key of KEYS) {
        const name = `huaweicloud-batch:${key}`;
        const value = get(name);
        if (value !== undefined) {
            found[name] = value;
        }
    }
    return found;
}
