import type { TimeRange } from "../../batch/api";

const HOUR = 3_600_000;
/** Clocks are ahead of UTC by 14 hours at most, and behind it by 12. */
const MOST_AHEAD = 14 * HOUR;
const MOST_BEHIND = 12 * HOUR;

/** Nothing in the cloud is older; a later time has another unit. */
const FIRST = Date.UTC(2010, 0);
const LAST = Date.UTC(2100, 0);

const WRITTEN = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * The time that the cloud prints, as far as it can be told: as text in ISO 8601 or RFC 3339 ("2026-11-22T10:00:00Z", "2026-11-22 10:00:00"),
 * or as a number of seconds or milliseconds since the epoch, which text may hold too. One without a zone spans what it may mean in any zone,
 * one without seconds or hours what it leaves open. Undefined for anything else.
 */
export function timeRange(printed: string | number | undefined): TimeRange | undefined {
    if (typeof printed === "number") {
        return since(printed);
    }
    const text = printed?.trim() ?? "";
    return /^\d{1,16}$/.test(text) ? since(Number(text)) : written(text);
}

/** The unit is documented for none of them. Only one of the two gives a time at which a cloud was there. */
function since(epoch: number): TimeRange | undefined {
    const ms = [epoch, epoch * 1_000].find((time) => time >= FIRST && time < LAST);
    return ms === undefined ? undefined : { earliest: Math.floor(ms), latest: Math.floor(ms) };
}

function written(text: string): TimeRange | undefined {
    const [, day = "", minute, second, zone] = WRITTEN.exec(text) ?? [];
    const begin = Date.parse(`${day}T${minute ?? "00:00"}${(second ?? ":00").replace(",", ".")}Z`);
    // Date.parse takes the 31st of February for a day in March.
    if (Number.isNaN(begin) || new Date(begin).toISOString().slice(0, 10) !== day) {
        return undefined;
    }
    const end = begin + (minute === undefined ? 24 * HOUR - 1 : second === undefined ? 59_999 : 0);
    const range =
        zone === undefined
            ? { earliest: begin - MOST_AHEAD, latest: end + MOST_BEHIND }
            : { earliest: begin - offset(zone), latest: end - offset(zone) };
    return range.earliest >= FIRST && range.latest < LAST ? range : undefined;
}

/** "+08:00", "+0800", "-03", "Z" */
function offset(zone: string): number {
    const [, sign, hours, minutes = "0"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
    const ahead = Number(hours ?? 0) * HOUR + Number(minutes) * 60_000;
    return sign === "-" ? -ahead : ahead;
}
