import type { Service } from "../call";
import { endpointKey, endpointVariable, NAMESPACE, withIam } from "../settings/known";
import {
    type Environment,
    fromConfiguration,
    fromEnvironment,
    misconfigured,
    requireTidy,
    type Setting,
    type StackConfiguration,
} from "../settings/settings";

/** The only domains that stack configuration may name: a stack's file is easier to tamper with than the environment. */
const OWN_DOMAINS = ["myhuaweicloud.com", "myhuaweicloud.eu"];

/** The origin ("https://roma.cn-north-4.myhuaweicloud.com") of a service in a region. Throws CloudError of kind `configuration`. */
export function endpointOf(service: Service, region: string, env: Environment, config: StackConfiguration): string {
    return (
        givenEndpoint(service.name, env, config)?.origin ??
        `https://${service.hostLabels.byRegion?.[region] ?? service.hostLabels.default}.${region}.${cloudDomain(region, env, config)}`
    );
}

/** The endpoint of a service and the setting that gives it; undefined if no setting does. */
export function givenEndpoint(
    name: Service["name"],
    env: Environment,
    config: StackConfiguration,
): { readonly origin: string; readonly by: string } | undefined {
    const fromEnv =
        fromEnvironment(env, [endpointVariable(name), "HUAWEICLOUD_BATCH_ENDPOINT"]) ??
        (name === "iam"
            ? fromEnvironment(env, ["HW_AUTH_URL", "OS_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT"])
            : undefined);
    if (fromEnv !== undefined) {
        return { origin: originOf(fromEnv, name).origin, by: fromEnv.name };
    }
    const configured = fromConfiguration(config, endpointKey(name)) ?? fromConfiguration(config, "endpoint");
    if (configured !== undefined) {
        const url = originOf(configured, name);
        if (!isLoopback(url.hostname) && !OWN_DOMAINS.some((domain) => url.hostname.endsWith(`.${domain}`))) {
            throw misconfigured(
                "ForeignEndpoint",
                `${configured.name} names a host outside ${OWN_DOMAINS.join(" and ")}: set HUAWEICLOUD_BATCH_ENDPOINT in the environment instead`,
            );
        }
        return { origin: url.origin, by: configured.name };
    }
    return undefined;
}

/** Checks all endpoint settings before the first request: the look-up of a project sends credentials too. */
export function requireEndpoints(services: readonly string[], env: Environment, config: StackConfiguration): void {
    for (const name of withIam(services)) {
        givenEndpoint(name, env, config);
    }
    cloudDomain("", env, config);
}

function cloudDomain(region: string, env: Environment, config: StackConfiguration): string {
    const cloud = fromEnvironment(env, ["HW_CLOUD"]);
    const configured = fromConfiguration(config, "cloud");
    if (cloud === undefined && configured !== undefined) {
        const domain = requireTidy(configured).toLowerCase();
        if (!OWN_DOMAINS.includes(domain)) {
            throw misconfigured(
                "ForeignCloud",
                `${NAMESPACE}cloud names another domain than ${OWN_DOMAINS.join(" and ")}: set HW_CLOUD in the environment instead`,
            );
        }
        return domain;
    }
    if (cloud === undefined) {
        return region.startsWith("eu-west-1") ? "myhuaweicloud.eu" : "myhuaweicloud.com";
    }
    requireTidy(cloud);
    if (!/^(?=.{1,190}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(cloud.value)) {
        throw misconfigured("InvalidEndpoint", `${cloud.name} is not a domain such as myhuaweicloud.com`);
    }
    return cloud.value.toLowerCase();
}

/** Its error messages never repeat the value, which may hold credentials. */
function originOf(setting: Setting, service: Service["name"]): URL {
    const wrong = (what: string) => misconfigured("InvalidEndpoint", `${setting.name} ${what}`);
    requireTidy(setting);
    const url = URL.canParse(setting.value) ? new URL(setting.value) : undefined;
    if (url === undefined || url.hostname === "") {
        throw wrong("is not a URL such as https://roma.cn-north-4.myhuaweicloud.com");
    }
    if (url.username !== "" || url.password !== "" || setting.value.includes("@")) {
        throw wrong("holds credentials: leave them out of the URL");
    }
    if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
        throw wrong("must begin with https:// (http:// is for this machine's loopback address alone)");
    }
    if (setting.value.includes("?") || setting.value.includes("#")) {
        throw wrong("must not have a query or a fragment");
    }
    if (url.pathname !== "/" && !(service === "iam" && /^\/v3\/?$/.test(url.pathname))) {
        throw wrong("must not have a path");
    }
    return url;
}

export function isLoopback(hostname: string): boolean {
    return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
