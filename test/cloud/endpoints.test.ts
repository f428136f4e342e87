import { iam } from "../../src/cloud/auth/iam";
import type { Service } from "../../src/cloud/call";
import { endpointOf } from "../../src/cloud/place/endpoints";
import { roma } from "./fake-cloud";

const at = (
    env: Record<string, string> = {},
    config: Record<string, string> = {},
    service: Service = roma,
    region = "cn-north-4",
) => endpointOf(service, region, env, config);

test.each<[string, string, Record<string, string>, string]>([
    ["the default label", "cn-north-4", {}, "https://roma.cn-north-4.myhuaweicloud.com"],
    ["a region's own label", "cn-east-2", {}, "https://roma-old.cn-east-2.myhuaweicloud.com"],
    ["a region that no table names", "xx-new-9", {}, "https://roma.xx-new-9.myhuaweicloud.com"],
    ["Europe", "eu-west-101", {}, "https://roma.eu-west-101.myhuaweicloud.eu"],
    ["HW_CLOUD", "eu-west-101", { HW_CLOUD: "cloud.example.com" }, "https://roma.eu-west-101.cloud.example.com"],
])("the endpoint depends on service and region: %s", (_, region, env, expected) => {
    expect(at(env, {}, roma, region)).toBe(expected);
});

test("the environment's endpoint of one service overrides its endpoint of all, and both override stack configuration", () => {
    const env = {
        HUAWEICLOUD_BATCH_ENDPOINT: "http://127.0.0.1:1",
        HUAWEICLOUD_BATCH_ENDPOINT_ROMA: "https://roma.example.com:8443/",
    };
    const config = {
        "huaweicloud-batch:endpoint": "http://localhost:3",
        "huaweicloud-batch:endpointRoma": "https://roma.cn-south-1.myhuaweicloud.com",
    };
    expect(at(env, config)).toBe("https://roma.example.com:8443");
    expect(at({ HUAWEICLOUD_BATCH_ENDPOINT: env.HUAWEICLOUD_BATCH_ENDPOINT }, config)).toBe("http://127.0.0.1:1");
    expect(at({}, config)).toBe("https://roma.cn-south-1.myhuaweicloud.com");
    expect(at({}, config, iam)).toBe("http://localhost:3");
});

test("HW_AUTH_URL applies only to IAM, may end in /v3, and the package's own variables override it", () => {
    const env = { HW_AUTH_URL: "https://iam.example.com/v3" };
    expect(at(env, {}, iam)).toBe("https://iam.example.com");
    expect(at(env)).toBe("https://roma.cn-north-4.myhuaweicloud.com");
    expect(at({ ...env, HUAWEICLOUD_BATCH_ENDPOINT: "http://[::1]:5" }, {}, iam)).toBe("http://[::1]:5");
});

test.each([
    ["http to another host", "http://roma.example.com", "https://"],
    ["http to a host that only begins like loopback", "http://127.0.0.1.example.com", "https://"],
    ["http to a host named after loopback", "http://localhost.example.com", "https://"],
    ["credentials", "https://user:PLANTED@roma.example.com", "credentials"],
    ["credentials in front of loopback", "http://127.0.0.1@evil.example.com", "credentials"],
    ["a path", "https://roma.example.com/v2", "path"],
    ["IAM's path at another service", "https://roma.example.com/v3", "path"],
    ["a query", "https://roma.example.com/?x=PLANTED", "query"],
    ["an empty query", "https://roma.example.com/?", "query"],
    ["a fragment", "https://roma.example.com/#x", "query or a fragment"],
    ["another scheme", "ftp://roma.example.com", "https://"],
    ["a host without a scheme", "roma.example.com", "not a URL"],
    ["nothing but a scheme", "https://", "not a URL"],
    ["white space", " https://roma.example.com", "white space"],
    ["a trailing line break", "https://roma.example.com\n", "white space"],
])("an endpoint with %s is refused and not shown", (_, value, why) => {
    const name = "HUAWEICLOUD_BATCH_ENDPOINT_ROMA";
    expect(() => at({ [name]: value })).toThrow(expect.objectContaining({ kind: "configuration" }));
    expect(() => at({ [name]: value })).toThrow(name);
    expect(() => at({ [name]: value })).toThrow(why);
    expect(() => at({ [name]: value })).not.toThrow("PLANTED");
});

test.each([
    "https://roma.example.com",
    "https://myhuaweicloud.com.example.com",
    "https://evilmyhuaweicloud.com",
    "https://myhuaweicloud.com",
])("stack configuration can't send credentials to %s", (value) => {
    expect(() => at({}, { "huaweicloud-batch:endpoint": value })).toThrow("ForeignEndpoint");
});

test.each(["cloud/evil", "evil.example.com/x", "a b.com", "com", "x@evil.com"])("HW_CLOUD %j is refused", (cloud) => {
    expect(() => at({ HW_CLOUD: cloud })).toThrow("HW_CLOUD");
});
