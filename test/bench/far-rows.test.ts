import { farRows } from "../../bench/far-rows";
import type { Measured } from "../../bench/measured";
import type { Result } from "../../bench/rows";

const measured = (requests: number, wall: number): Measured => ({
    wall,
    requests,
    submits: 1,
    looks: 0,
    inspections: 0,
    throttled: 0,
});

const row = (requests: number, facts: Readonly<Record<string, number>> = {}): Result => ({
    name: "roma-100000",
    what: "",
    service: "roma",
    targets: 100_000,
    workSeconds: 60,
    seeds: [1],
    ours: measured(requests, 60_000),
    bound: { wall: 60_000, requests: 100, submits: 1, how: "" },
    peers: [],
    facts,
});

test("a row with many times the least requests is named, with the figure and the reason", () => {
    expect(farRows([row(9_430)])).toEqual([
        expect.stringMatching(/^roma-100000: requests ÷ bound 94\.3\. One job excludes/),
    ]);
});

test("a row that refuses more than its aim for long rows would allow is named", () => {
    expect(farRows([row(200, { used: 0.9, refused: 0.123 })])).toEqual([expect.stringContaining("share refused 0.12")]);
});

test("a row close to the bound is not named", () => {
    expect(farRows([row(200)])).toEqual([]);
});
