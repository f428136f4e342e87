import { timeoutOf } from "../../src/provider/inputs/timeouts";

const MINUTES = 60_000;

test("the deadline comes from the environment, else from the argument, the option customTimeouts, the default", () => {
    expect(timeoutOf({ timeout: "5m" }, { override: "2m" })).toMatchObject({
        ms: 2 * MINUTES,
        text: "2m",
        source: "the environment variable HUAWEICLOUD_BATCH_TIMEOUT",
    });
    expect(timeoutOf({ timeout: "5m" })).toMatchObject({
        ms: 5 * MINUTES,
        text: "5m",
        source: "the argument timeout",
    });
    const option = { hook: "update", seconds: 420 };
    expect(timeoutOf({}, { option })).toMatchObject({
        ms: 7 * MINUTES,
        source: "the option customTimeouts.update",
    });
    expect(timeoutOf({ timeout: "5m" }, { option })).toMatchObject({ ms: 5 * MINUTES });
    expect(timeoutOf({})).toMatchObject({
        ms: 60 * MINUTES,
        text: "60m",
        source: "the default of the argument timeout",
    });
});

test("an invalid limit is refused with the name of its setting", () => {
    expect(() => timeoutOf({ timeout: "5m" }, { override: "soon" })).toThrow(/^HUAWEICLOUD_BATCH_TIMEOUT: /);
    expect(() => timeoutOf({ timeout: "soon" })).toThrow(/^timeout: /);
    expect(() => timeoutOf({ stallTimeout: "soon" })).toThrow(/^stallTimeout: /);
});
