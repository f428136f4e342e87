import { nearest } from "../../util/nearest";
import type { Environment, StackConfiguration } from "./settings";

export const NAMESPACE = "huaweicloud-batch:";

const SERVICES = ["roma", "workspaceapp", "clouddc", "metastudio", "vias", "iam"] as const;

/** What of the stack configuration is ours, without the namespace. */
export const CONFIGURATION_KEYS: readonly string[] = [
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
    ...SERVICES.map((service) => `endpoint${service.charAt(0).toUpperCase()}${service.slice(1)}`),
];

/** The variables of this package alone. */
const VARIABLES: readonly string[] = [
    "HUAWEICLOUD_BATCH_TIMEOUT",
    "HUAWEICLOUD_BATCH_ENDPOINT",
    ...SERVICES.map((service) => `HUAWEICLOUD_BATCH_ENDPOINT_${service.toUpperCase()}`),
];

/** Keys of ours in stack configuration that nobody reads, or that hold nothing: one line, which repeats no value. */
export function configurationProblem(config: StackConfiguration): string | undefined {
    const problems = Object.entries(config).flatMap(([name, value]) => {
        const key = name.slice(NAMESPACE.length);
        if (!CONFIGURATION_KEYS.includes(key)) {
            const meant = nearest(key, CONFIGURATION_KEYS);
            return [`${name} is not known${meant === undefined ? "" : ` (did you mean ${NAMESPACE}${meant}?)`}`];
        }
        return value === "" ? [`${name} is empty: give it a value, or remove it`] : [];
    });
    const known = problems.some((problem) => problem.includes("is not known"))
        ? `; known are ${CONFIGURATION_KEYS.join(", ")}`
        : "";
    return problems.length === 0
        ? undefined
        : `stack configuration: ${problems.join("; ")}${known}. Correct it with pulumi config set or pulumi config rm`;
}

/** Variables with this package's prefix that it does not read: what they were to do does not happen. */
export function unknownVariables(env: Environment): string | undefined {
    const unknown = Object.keys(env)
        .filter((name) => name.startsWith("HUAWEICLOUD_BATCH_") && !VARIABLES.includes(name))
        .sort();
    if (unknown.length === 0) {
        return undefined;
    }
    const named = unknown.map((name) => {
        const meant = nearest(name, VARIABLES);
        return meant === undefined ? name : `${name} (did you mean ${meant}?)`;
    });
    return `the environment: this release of pulumi-huaweicloud-batch does not know ${named.join(", ")}, and goes on without; known are ${VARIABLES.join(", ")}`;
}
