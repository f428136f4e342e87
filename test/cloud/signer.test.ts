import { createHash } from "node:crypto";
import { canonicalRequest, encodePath, encodeQuery, sdkDate, sign } from "../../src/cloud/auth/signer";

// The public vectors of the vendor's Java (J), Python (P) and Go (G) SDKs, which also carry two headers that are never signed.
const unsigned = { TEST_UNDERSCORE: "TEST_VALUE", "Content-Type": "application/json" };
const PROJECT = "77b6a44cba5143ab91d13ab9a8ff44fd";
const java = (host: string) => ({ ...unsigned, Host: host, "X-Sdk-Date": "20191115T033655Z" });
const python = { ...unsigned, Host: "service.endpoint.myhuaweicloud.com", "X-Sdk-Date": "20200608T023900Z" };
const go = { ...unsigned, "X-Sdk-Date": "20060102T150405Z" };
const vpcs = { method: "GET", path: ["v1", PROJECT, "vpcs"], body: "" };
const LISTING = [
    ["limit", "2"],
    ["marker", "13551d6b-755d-4757-b956-536f674975c0"],
] as const;
const posting = { method: "POST", path: ["v1", PROJECT, "vpc", "123"], query: [], body: '{"key":"value"}' };

const first = { ...vpcs, query: LISTING, headers: java("service.region.example.com") };

test.each([
    ["J get", first, "fd95e7da6f695cfb4cabbb9d6b0968aec155bc576b064835282473539ae9ea1d"],
    [
        "J post",
        { ...posting, headers: java("service.region.example.com") },
        "b5649aa774f6cac7437631662f08815fc65c70e40e486df6db2436ce68902771",
    ],
    [
        "J empty path",
        { method: "GET", path: [], query: [], body: "", headers: java("example.com") },
        "919ad8b75d4ad49da0d377e63ee21c4a7a54b752f6bf2878b4adbe9c19927da6",
    ],
    [
        "J get in a region",
        { ...vpcs, query: [], headers: java("service.test-region-1.myhuaweicloud.com") },
        "fbfa53d70fa0dec48f511be2e9e522172f9dca6d56f8856d12d7e575b978d9be",
    ],
    [
        "J post in a region",
        { ...posting, headers: java("service.test-region-1.myhuaweicloud.com") },
        "f65c535f8f86d95e963fbd795d6d41dbf59e675a8b4ae161356cf8cd93f1ec4c",
    ],
    [
        "P get",
        { method: "GET", path: ["resources"], query: [["size", "1"]] as const, body: "", headers: python },
        "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842",
    ],
    [
        "P post",
        {
            method: "POST",
            path: ["resources"],
            query: [["size", "1"]] as const,
            body: '{"name":"test","id":1}',
            headers: python,
        },
        "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f",
    ],
    [
        "G get",
        { method: "GET", path: ["path"], query: [["limit", "1"]] as const, body: "", headers: go },
        "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624",
    ],
    [
        "G post, body with a line feed",
        {
            method: "POST",
            path: ["path"],
            query: [["key", "value"]] as const,
            body: '{"Name":"test","Id":1}\n',
            headers: go,
        },
        "cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59",
    ],
])("public vector %s", (_, request, signature) => {
    const header = sign(request, "AccessKey", "SecretKey");
    const names = "Host" in request.headers ? "host;x-sdk-date" : "x-sdk-date";
    expect(header).toBe(`SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=${names}, Signature=${signature}`);
});

test("the canonical request matches the first vector", () => {
    const canonical = canonicalRequest(first);
    expect(canonical).toBe(
        `GET\n/v1/${PROJECT}/vpcs/\nlimit=2&marker=13551d6b-755d-4757-b956-536f674975c0\n` +
            "host:service.region.example.com\nx-sdk-date:20191115T033655Z\n\nhost;x-sdk-date\n" +
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(createHash("sha256").update(canonical).digest("hex")).toBe(
        "0e84e7853cf87931d965c80e83bffb15aa865326db3a6f57aa2560a7601dfe18",
    );
});

test("the query matches the public vector", () => {
    expect(
        encodeQuery([
            ["limit", "1"],
            ["enable", "true"],
            ["test", "一 (&=?!#%.*)"],
            ["path", "/dir/123"],
            ["multi", "2"],
            ["multi", "1"],
            ["multi", "3"],
        ]),
    ).toBe(
        "enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Fdir%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29",
    );
});

test("a segment can't leave its place in the path", () => {
    expect(encodePath(["v1", "a/b", "c?d#e", "%2e", "ü"])).toBe("/v1/a%2Fb/c%3Fd%23e/%252e/%C3%BC");
});

test("X-Sdk-Date is UTC to the second", () => {
    expect(sdkDate(Date.UTC(2026, 10, 21, 9, 8, 7, 654))).toBe("20261121T090807Z");
});

test("security token and project id are signed when they are sent", () => {
    const header = sign(
        { ...first, headers: { ...first.headers, "X-Security-Token": "t", "X-Project-Id": "p" } },
        "AccessKey",
        "SecretKey",
    );
    expect(header).toContain("SignedHeaders=host;x-project-id;x-sdk-date;x-security-token,");
});
