import { parseAuthorization, parseSdkDate, signatureMatches } from "../src/gateway/signature";

const VPCS = "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs";
const VPC = "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpc/123";
const JAVA = "20191115T033655Z";
const PYTHON = "20200608T023900Z";
const GO = "20060102T150405Z";
const REGIONAL = "service.region.example.com";
const TEST_REGION = "service.test-region-1.myhuaweicloud.com";
const ENDPOINT = "service.endpoint.myhuaweicloud.com";
const PAGED = "limit=2&marker=13551d6b-755d-4757-b956-536f674975c0";

// The vectors of the official SDKs' own tests (Java, Python, Go).
const vectors: [string, string, string, string, string, string | null, string][] = [
    ["GET", VPCS, PAGED, "", JAVA, REGIONAL, "fd95e7da6f695cfb4cabbb9d6b0968aec155bc576b064835282473539ae9ea1d"],
    [
        "POST",
        VPC,
        "",
        '{"key":"value"}',
        JAVA,
        REGIONAL,
        "b5649aa774f6cac7437631662f08815fc65c70e40e486df6db2436ce68902771",
    ],
    ["GET", "", "", "", JAVA, "example.com", "919ad8b75d4ad49da0d377e63ee21c4a7a54b752f6bf2878b4adbe9c19927da6"],
    ["GET", VPCS, "", "", JAVA, TEST_REGION, "fbfa53d70fa0dec48f511be2e9e522172f9dca6d56f8856d12d7e575b978d9be"],
    [
        "POST",
        VPC,
        "",
        '{"key":"value"}',
        JAVA,
        TEST_REGION,
        "f65c535f8f86d95e963fbd795d6d41dbf59e675a8b4ae161356cf8cd93f1ec4c",
    ],
    [
        "GET",
        "/resources",
        "size=1",
        "",
        PYTHON,
        ENDPOINT,
        "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842",
    ],
    [
        "POST",
        "/resources",
        "size=1",
        '{"name":"test","id":1}',
        PYTHON,
        ENDPOINT,
        "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f",
    ],
    ["GET", "/path", "limit=1", "", GO, null, "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624"],
    [
        "POST",
        "/path",
        "key=value",
        '{"Name":"test","Id":1}\n',
        GO,
        null,
        "cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59",
    ],
];

const request = (method: string, path: string, query: string, body: string, date: string, host: string | null) => {
    const headers: Record<string, string | null> = {
        "x-sdk-date": date,
        host: host ?? "anything.example.com",
        test_underscore: "TEST_VALUE",
        "content-type": "application/json",
    };
    return { method, path, query, body: Buffer.from(body), header: (name: string) => headers[name] ?? null };
};

test.each(vectors)("public vector %s %s?%s", (method, path, query, body, date, host, signature) => {
    const signedHeaders = host === null ? "x-sdk-date" : "host;x-sdk-date";
    const header = `SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=${signedHeaders}, Signature=${signature}`;
    const authorization = parseAuthorization(header);
    if (authorization === undefined) {
        throw new Error("not parsed");
    }
    const sent = request(method, path, query, body, date, host);
    expect(signatureMatches(sent, authorization, "SecretKey")).toBe(true);
    expect(signatureMatches(sent, authorization, "SecretKeY")).toBe(false);
    expect(signatureMatches({ ...sent, body: Buffer.from(`${body} `) }, authorization, "SecretKey")).toBe(false);
    expect(signatureMatches({ ...sent, path: `${path}x` }, authorization, "SecretKey")).toBe(false);
});

// The secret and the key of the vectors above, on requests in which the SDKs' ways show. Header values are bytes, one a character.
const DIGITAL_ASSETS = "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/digital-assets";
const utf8 = (text: string) => Buffer.from(text).toString("latin1");
test.each<[string, string, string, string, string, Record<string, string>, string]>([
    [
        "repeated names sorted by their values as they are, not as they are encoded",
        "GET",
        DIGITAL_ASSETS,
        "asset_id=a&asset_id=~1&asset_id=%E4%B8%AD",
        "",
        {},
        "5232d5decaef2fdbd5d22cc4c9057fb865a6ccdf4b87a6b763b2599dd110d642",
    ],
    [
        "a header in Chinese, an encoded slash and a space in the path, a plus in the query",
        "GET",
        `${DIGITAL_ASSETS}/a%2Fb%20c`,
        "mode=x%20y%2Bz",
        "",
        { "x-app-userid": utf8("张三") },
        "448f69f85bdf8a0467a90a13ed42f0f8944b329829a8f679d3c37538a0555773",
    ],
    [
        "a body in Chinese, with its content type signed",
        "POST",
        `${DIGITAL_ASSETS}/summarys`,
        "",
        '{"asset_ids":["中文"]}',
        { "content-type": "application/json;charset=UTF-8" },
        "efd46f5952059f3d786d76e799916d816336b7e9b2ab3296fcc171282c319f85",
    ],
    [
        "no body, hashed as such although a header speaks of an unsigned payload",
        "DELETE",
        `${DIGITAL_ASSETS}/1`,
        "",
        "",
        { "content-type": "application/octet-stream", "x-sdk-content-sha256": "UNSIGNED-PAYLOAD" },
        "23c8c06b4263ac672f244da0dd78accca4dde38320eca866186808a3e3413dba",
    ],
])("signed as the Python SDK does it: %s", (_, method, path, query, body, signed, signature) => {
    const headers: Record<string, string> = {
        ...signed,
        host: "metastudio.cn-north-4.myhuaweicloud.com",
        "x-sdk-date": "20260101T000000Z",
    };
    const signedHeaders = Object.keys(headers).sort();
    const sent = { method, path, query, body: Buffer.from(body), header: (name: string) => headers[name] ?? null };
    const authorization = { access: "AccessKey", signedHeaders, signature };
    expect(signatureMatches(sent, authorization, "SecretKey")).toBe(true);
    expect(signatureMatches({ ...sent, query: `${query}&x=1` }, authorization, "SecretKey")).toBe(false);
    expect(signatureMatches({ ...sent, body: Buffer.from(`${body} `) }, authorization, "SecretKey")).toBe(false);
});

test("signed as the Java SDK does it: the values of a repeated name in the order in which they are sent", () => {
    const headers: Record<string, string> = {
        host: "metastudio.cn-north-4.myhuaweicloud.com",
        "x-sdk-date": "20260101T000000Z",
    };
    const signature = "92d3612d9d753f89ab1a1e35d1efca8086395816f5cdec1a0e02394e9ab5f282";
    const authorization = { access: "AccessKey", signedHeaders: ["host", "x-sdk-date"], signature };
    const sent = {
        method: "GET",
        path: DIGITAL_ASSETS,
        query: "asset_id=b&asset_id=a",
        body: Buffer.from(""),
        header: (name: string) => headers[name] ?? null,
    };
    expect(signatureMatches(sent, authorization, "SecretKey")).toBe(true);
    expect(signatureMatches({ ...sent, query: "asset_id=b&asset_id=c" }, authorization, "SecretKey")).toBe(false);
});

test("a date that is none is not taken", () => {
    expect(parseSdkDate("20191115T033655Z")).toBe(Date.parse("2019-11-15T03:36:55Z"));
    expect(parseSdkDate("2019-11-15T03:36:55Z")).toBeUndefined();
    expect(parseSdkDate("20191315T033655Z")).toBeUndefined();
});
