import { timeoutOf } from "../../src/provider/inputs/timeouts";

const minutes = 60_000;

test("whose word the deadline is: the environment's, the argument's, or the default", () => {
    expect(timeoutOf({ timeout: "5m" }, "2m")).toMatchObject({
        ms: 2 * minutes,
        text: "2m",
        source: "the environment variable HUAWEICLOUD_BATCH_TIMEOUT",
    });
    expect(timeoutOf({ timeout: "5m" })).toMatchObject({
        ms: 5 * minutes,
        text: "5m",
        source: "the argument timeout",
    });
    expect(timeoutOf({})).toMatchObject({
        ms: 60 * minutes,
        text: "60m",
        source: "the default of the argument timeout",
    });
});

test("a limit that is no duration is refused by the name that it was given under", () => {
    expect(() => timeoutOf({ timeout: "5m" }, "soon")).toThrow(/^HUAWEICLOUD_BATCH_TIMEOUT: /);
    expect(() => timeoutOf({ timeout: "soon" })).toThrow(/^timeout: /);
    expect(() => timeoutOf({ stallTimeout: "soon" })).toThrow(/^stallTimeout: /);
});
