import { nearest } from "../../util/nearest";
import type { Environment, StackConfiguration } from "./settings";

export const NAMESPACE = "huaweicloud-batch:";

/** The key of stack configuration, without the namespace, for a service's endpoint. */
export function endpointKey(service: string): string {
    return `endpoint${service.charAt(0).toUpperCase()}${service.slice(1)}`;
}

/** The environment variable for a service's endpoint. */
export function endpointVariable(service: string): string {
    return `HUAWEICLOUD_BATCH_ENDPOINT_${service.toUpperCase()}`;
}

/** All services that requests go to: those of the resources, and IAM. */
export function withIam(services: readonly string[]): readonly string[] {
    return [...services, "iam"];
}

/** The known keys of stack configuration, without the namespace. */
export function configurationKeys(services: readonly string[]): readonly string[] {
    return [...COMMON_KEYS, ...withIam(services).map(endpointKey)];
}

const COMMON_KEYS: readonly string[] = [
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
    "keep",
];

/**
 * Names this package's keys in stack configuration that are unknown or empty, in one line that repeats no value. "short": without the
 * known keys and the way on, where an earlier message has them.
 */
export function configurationProblem(
    config: StackConfiguration,
    services: readonly string[],
    length: "full" | "short" = "full",
): string | undefined {
    const keys = configurationKeys(services);
    const problems = Object.entries(config).flatMap(([name, value]) => {
        const key = name.slice(NAMESPACE.length);
        if (!keys.includes(key)) {
            const meant = nearest(key, keys);
            return [`${name} is not known${meant === undefined ? "" : ` (did you mean ${NAMESPACE}${meant}?)`}`];
        }
        return value === "" ? [`${name} is empty: give it a value, or remove it`] : [];
    });
    const known = problems.some((problem) => problem.includes("is not known")) ? `; known are ${keys.join(", ")}` : "";
    if (problems.length === 0) {
        return undefined;
    }
    const wayOn = length === "short" ? "" : `${known}. Correct it with pulumi config set or pulumi config rm`;
    return `stack configuration: ${problems.join("; ")}${wayOn}`;
}

/** Names the variables with this package's prefix that it does not read, and which therefore have no effect. */
export function unknownVariables(env: Environment, services: readonly string[]): string | undefined {
    const known = [
        "HUAWEICLOUD_BATCH_TIMEOUT",
        "HUAWEICLOUD_BATCH_PREVIEW",
        "HUAWEICLOUD_BATCH_ROWS",
        "HUAWEICLOUD_BATCH_ENDPOINT",
        "HUAWEICLOUD_BATCH_KEEP",
        "HUAWEICLOUD_BATCH_APPROVED",
        "HUAWEICLOUD_BATCH_REPORT",
        "HUAWEICLOUD_BATCH_LOG",
        ...withIam(services).map(endpointVariable),
    ];
    const unknown = Object.keys(env)
        .filter((name) => name.startsWith("HUAWEICLOUD_BATCH_") && !known.includes(name))
        .sort();
    if (unknown.length === 0) {
        return undefined;
    }
    const named = unknown.map((name) => {
        const meant = nearest(name, known);
        return meant === undefined ? name : `${name} (did you mean ${meant}?)`;
    });
    return `the environment: this release of pulumi-huaweicloud-batch does not know ${named.join(", ")}, and goes on without; known are ${known.join(", ")}`;
}
