import type { TargetState } from "../../src/batch/api";
import { TargetLedger } from "../../src/batch/session/target-ledger";

const shown = (state: TargetState) => new Map([["a", state]]);
const present = shown({ is: "ready" });
const inProgress = shown({ is: "inProgress" });

function twoRuns() {
    const others = new TargetLedger();
    const leave = [others.runBegins(), others.runBegins()];
    return { others, leave };
}

test.each([inProgress, shown({ is: "blocked", reason: "it is being built" }), shown({ is: "settled" })])(
    "what one look shows not to be there for a submit is overtaken until a look that began later shows it there",
    (unready) => {
        const { others } = twoRuns();
        const [early, look] = [others.inspectionBegins(), others.inspectionBegins()];
        look(unready);
        expect(others.isSuperseded("a")).toBe(true);
        early(present);
        expect(others.isSuperseded("a")).toBe(true);
        others.inspectionBegins()(present);
        expect(others.isSuperseded("a")).toBe(false);
    },
);

test("it ends with a later look even when the other run has ended", () => {
    const { others, leave } = twoRuns();
    others.inspectionBegins()(inProgress);
    leave[0]?.();
    expect(others.isSuperseded("a")).toBe(true);
    others.inspectionBegins()(present);
    expect(others.isSuperseded("a")).toBe(false);
});

test("a run alone knows what it saw, and nothing is kept", () => {
    const { others, leave } = twoRuns();
    others.inspectionBegins()(inProgress);
    leave[0]?.();
    leave[1]?.();
    expect(others.isSuperseded("a")).toBe(false);
    const end = others.runBegins();
    others.inspectionBegins()(inProgress);
    expect(others.isSuperseded("a")).toBe(false);
    end();
});

test("what a run let go of after a moment, another has to look at again", () => {
    const { others, leave } = twoRuns();
    others.release(["a"], 100);
    expect(others.releasedSince("a", 99)).toBe(true);
    expect(others.releasedSince("a", 100)).toBe(false);
    leave[0]?.();
    expect(others.releasedSince("a", 99)).toBe(true);
    leave[1]?.();
    expect(others.releasedSince("a", 99)).toBe(false);
});
