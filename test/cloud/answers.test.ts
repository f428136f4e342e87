import { errorAnswer, retryAfterOf } from "../../src/cloud/client/answers";
import { clean } from "../../src/util/text";

const answer = (body: string, headers: Record<string, string> = {}) => ({ status: 400, headers, body });

test.each([
    [
        '{"error_code":"APIGW.0301","error_msg":"m","request_id":"r"}',
        { code: "APIGW.0301", detail: "m", requestId: "r" },
    ],
    [
        '{"error_code":"VIAS.1","error_msg":"m","detail":"d","params":[],"reason":"","advice":""}',
        { code: "VIAS.1", detail: "m" },
    ],
    ['{"code":"X.1","message":"m"}', { code: "X.1", detail: "m" }],
    ['{"error":{"code":401,"message":"m","title":"Unauthorized"}}', { code: "401", detail: "m" }],
    ['{"error":{"code":"X","title":"t"}}', { code: "X", detail: "t" }],
    ['{"error_code":"X.1","error_msg":null}', { code: "X.1", detail: "no message" }],
    ["Too many requests", { code: "HTTP.400", detail: "Too many requests" }],
    ['"Too many requests"', { code: "HTTP.400", detail: "Too many requests" }],
    ["<html><style>b{}</style><h1>Bad\nGateway</h1></html>", { code: "HTTP.400", detail: "Bad Gateway" }],
    ["", { code: "HTTP.400", detail: "no message" }],
    ["[1,2]", { code: "HTTP.400", detail: "[1,2]" }],
])("error body %s", (body, expected) => {
    expect(errorAnswer(answer(body))).toEqual(expected);
});

test("the request id of the header comes first", () => {
    expect(errorAnswer(answer('{"error_code":"X","request_id":"body"}', { "x-request-id": "head" })).requestId).toBe(
        "head",
    );
});

test.each([
    ["a\u001b[31mred\u001b[0m", "ared"],
    ["\u001b]0;title\u0007text", "text"],
    ["one\r\ntwo\u0000three\u2028four", "one two three four"],
    ["\u202egnp.exe", "gnp.exe"],
    ["::set-output name=x::y", ": :set-output name=x: :y"],
    ["ok\n::error::x", "ok : :error: :x"],
    ["##[command]x ##vso[task]y", "# #[command]x # #vso[task]y"],
    ["  plain: text; ünïcode 中文  ", "plain: text; ünïcode 中文"],
])("cleans %j", (text, expected) => {
    expect(clean(text)).toBe(expected);
});

test("cleaning a text is bounded in length and in time", () => {
    expect(clean("x".repeat(50_000_000), 100)).toBe(`${"x".repeat(99)}…`);
});

test.each([
    ["5", 5000],
    ["0", 0],
    ["1.5", 1500],
    ["Thu, 01 Jan 1970 00:00:02 GMT", 1000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["-5", undefined],
    ["soon", undefined],
    ["", undefined],
    ["999999999", 7 * 24 * 3600 * 1000],
])("Retry-After %j", (value, expected) => {
    expect(retryAfterOf(answer("", { "retry-after": value }), 1000)).toBe(expected);
});
