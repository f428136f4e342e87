import { Schedule } from "../../src/batch/polling/schedule";

const polling = { first: 1_000, floor: 500, cap: 15_000 };
/** No jitter: 0.9 + 0.2 · 0.5. */
const middle = () => 0.5;

test("gaps are 1.3 s + 0.4·√t between floor and cap, and in the first seconds 0.35 of the elapsed time", () => {
    const schedule = new Schedule(polling, middle);
    expect(schedule.first()).toBeCloseTo(1_000);
    expect(schedule.gap(0)).toBeCloseTo(500);
    expect(schedule.gap(2_000)).toBeCloseTo(700);
    expect(schedule.gap(4_000)).toBeCloseTo(1_400);
    expect(schedule.gap(25_000)).toBeCloseTo(3_300);
    expect(schedule.gap(100_000)).toBeCloseTo(5_300);
    expect(schedule.gap(10_000_000)).toBeCloseTo(15_000);
});

test("each gap differs by ten per cent either way, and so does the pace of each process", () => {
    expect(new Schedule(polling, () => 0).gap(100_000)).toBeCloseTo(5_300 * 0.9 * 0.9);
    expect(new Schedule(polling, () => 0.999999).gap(100_000)).toBeCloseTo(5_300 * 1.1 * 1.1);
});

test("a usual duration is learned from three, and polls gather around it", () => {
    const schedule = new Schedule(polling, middle);
    schedule.learn(30_000);
    schedule.learn(31_000);
    expect(schedule.gap(16_000)).toBeCloseTo(2_900);
    schedule.learn(29_000);
    // 0.9 · 30 s − 16 s
    expect(schedule.gap(16_000)).toBeCloseTo(11_000);
    // Never beyond the cap, for this work may be quicker.
    expect(schedule.gap(1_000)).toBeCloseTo(15_000);
    // Dense around the usual end, as always beyond it.
    expect(schedule.gap(30_000)).toBeCloseTo((1300 + 400 * Math.sqrt(30)) / 2);
    expect(schedule.gap(36_000)).toBeCloseTo(1300 + 400 * Math.sqrt(36));
});

test("without a floor there is still no busy loop", () => {
    const schedule = new Schedule({ first: 0, floor: 0, cap: 1_000 }, middle);
    let elapsed = 0;
    for (let polls = 0; polls < 100; polls += 1) {
        elapsed += schedule.gap(elapsed);
    }
    expect(elapsed).toBeGreaterThan(10_000);
});
