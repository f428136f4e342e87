import { timeRange } from "../../src/services/shared/time";

const HOUR = 3_600_000;
const ten = Date.UTC(2026, 10, 22, 10);

describe("a time means what can be told of it", () => {
    test.each([
        ["Workspace APP, ROMA apps, MetaStudio, CloudDC: text in UTC", "2026-11-22T10:00:00Z", ten],
        ["with milliseconds", "2026-11-22T10:00:00.250Z", ten + 250],
        ["with microseconds, as IAM prints them", "2026-11-22T10:00:00.250000Z", ten + 250],
        ["with a zone", "2026-11-22T18:00:00+08:00", ten],
        ["with a zone as Java prints it", "2026-11-22T18:00:00+0800", ten],
        ["with a zone behind UTC", "2026-11-22 05:30:00-04:30", ten],
        ["with a zone in words", "2026-11-22 10:00:00 UTC", ten],
        ["VIAS, ROMA FDI tasks: milliseconds", ten, ten],
        ["milliseconds as text", String(ten), ten],
        ["seconds", ten / 1000, ten],
        ["seconds as text", String(ten / 1000), ten],
        ["seconds with a fraction", ten / 1000 + 0.5, ten + 500],
        ["white space around it", " 2026-11-22T10:00:00Z ", ten],
    ])("%s", (_, printed, ms) => {
        expect(timeRange(printed)).toEqual({ earliest: ms, latest: ms });
    });

    test.each([
        ["no zone: in every zone that there is", "2026-11-22T10:00:00", ten - 14 * HOUR, ten + 12 * HOUR],
        ["no zone, with a space", "2026-11-22 10:00:00", ten - 14 * HOUR, ten + 12 * HOUR],
        ["no zone, with milliseconds", "2026-11-22 10:00:00.000", ten - 14 * HOUR, ten + 12 * HOUR],
        ["no seconds", "2026-11-22T10:00Z", ten, ten + 59_999],
        [
            "a day alone: all of it, in every zone",
            "2026-11-22",
            ten - 10 * HOUR - 14 * HOUR,
            ten + 14 * HOUR - 1 + 12 * HOUR,
        ],
    ])("%s", (_, printed, earliest, latest) => {
        expect(timeRange(printed)).toEqual({ earliest, latest });
    });

    test.each([
        undefined,
        "",
        " ",
        "yesterday",
        "null",
        "0000-00-00 00:00:00",
        "2026-02-31T10:00:00Z",
        "2026-11-22T25:00:00Z",
        "1970-01-01T00:00:00Z",
        "2999-01-01T00:00:00Z",
        "2026-11-22T10:00:00 CST",
        "22.11.2026",
        "10:00:00",
        0,
        -1,
        1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        // Microseconds and nanoseconds.
        ten * 1_000,
        ten * 1_000_000,
        "99999999999999999999",
    ])("%p is no time that can be told", (printed) => {
        expect(timeRange(printed)).toBeUndefined();
    });
});
