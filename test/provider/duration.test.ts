import fc from "fast-check";
import { parseDuration } from "../../src/provider/inputs/duration";

test.each([
    ["1h30m", 5_400_000],
    ["90s", 90_000],
    ["1.5h", 5_400_000],
    ["500ms", 500],
    [".5s", 500],
    ["1.s", 1_000],
    ["1m30.25s", 90_250],
    ["2s3ms", 2_003],
    ["168h", 604_800_000],
])("%s is %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
});

test.each([
    ["", /not a duration/],
    ["90", /not a duration/],
    ["0", /not a duration/],
    ["0s", /above zero/],
    ["0.0001ms", /above zero/],
    ["-5m", /not a duration/],
    ["+5m", /not a duration/],
    ["5 m", /not a duration/],
    ["5m ", /not a duration/],
    ["5m\n", /not a duration/],
    ["5minutes", /not a duration/],
    ["1d", /not a duration/],
    ["1e3s", /not a duration/],
    ["Infinityh", /not a duration/],
    [".s", /not a duration/],
    ["168h1ms", /seven days/],
    [`${"9".repeat(400)}h`, /seven days/],
])("%j is refused", (text, reason) => {
    expect(() => parseDuration(text)).toThrow(reason);
});

test("a refusal is one short line", () => {
    fc.assert(
        fc.property(fc.string({ maxLength: 5_000 }), (text) => {
            try {
                parseDuration(text);
            } catch (error) {
                const line = String(error);
                expect(line).not.toContain("\n");
                expect(line.length).toBeLessThan(400);
            }
        }),
    );
});

test("parts add up in any order", () => {
    fc.assert(
        fc.property(fc.nat(100), fc.nat(59), fc.integer({ min: 1, max: 59 }), (h, m, s) => {
            const ms = ((h * 60 + m) * 60 + s) * 1_000;
            expect(parseDuration(`${h}h${m}m${s}s`)).toBe(ms);
            expect(parseDuration(`${s}s${m}m${h}h`)).toBe(ms);
        }),
    );
});
