import { timeoutOf } from "../../src/provider/inputs/timeouts";

const MINUTES = 60_000;

test("whose word the deadline is: the environment's, the argument's, or the default", () => {
    expect(timeoutOf({ timeout: "5m" }, "2m")).toMatchObject({
        ms: 2 * MINUTES,
        text: "2m",
        source: "the environment variable HUAWEICLOUD_BATCH_TIMEOUT",
    });
    expect(timeoutOf({ timeout: "5m" })).toMatchObject({
        ms: 5 * MINUTES,
        text: "5m",
        source: "the argument timeout",
    });
    expect(timeoutOf({})).toMatchObject({
        ms: 60 * MINUTES,
        text: "60m",
        source: "the default of the argument timeout",
    });
});

test("a limit that is no duration is refused by the name that it was given under", () => {
    expect(() => timeoutOf({ timeout: "5m" }, "soon")).toThrow(/^HUAWEICLOUD_BATCH_TIMEOUT: /);
    expect(() => timeoutOf({ timeout: "soon" })).toThrow(/^timeout: /);
    expect(() => timeoutOf({ stallTimeout: "soon" })).toThrow(/^stallTimeout: /);
});
