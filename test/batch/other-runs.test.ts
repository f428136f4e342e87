import type { Sighting } from "../../src/batch/api";
import { OtherRuns } from "../../src/batch/other-runs";

const shown = (sighting: Sighting) => new Map([["a", sighting]]);
const present = shown({ is: "present" });
const inProgress = shown({ is: "inProgress" });

function twoRuns() {
    const others = new OtherRuns();
    const leave = [others.attend(), others.attend()];
    return { others, leave };
}

test.each([inProgress, shown({ is: "notYet", reason: "it is being built" }), shown({ is: "reached" })])(
    "what one look shows not to be there for a submit is overtaken until a look that began later shows it there",
    (unready) => {
        const { others } = twoRuns();
        const [early, look] = [others.look(), others.look()];
        look(unready);
        expect(others.isOvertaken("a")).toBe(true);
        early(present);
        expect(others.isOvertaken("a")).toBe(true);
        others.look()(present);
        expect(others.isOvertaken("a")).toBe(false);
    },
);

test("it ends with a later look even when the other run has ended", () => {
    const { others, leave } = twoRuns();
    others.look()(inProgress);
    leave[0]?.();
    expect(others.isOvertaken("a")).toBe(true);
    others.look()(present);
    expect(others.isOvertaken("a")).toBe(false);
});

test("a run alone knows what it saw, and nothing is kept", () => {
    const { others, leave } = twoRuns();
    others.look()(inProgress);
    leave[0]?.();
    leave[1]?.();
    expect(others.isOvertaken("a")).toBe(false);
    const end = others.attend();
    others.look()(inProgress);
    expect(others.isOvertaken("a")).toBe(false);
    end();
});

test("what a run let go of after a moment, another has to look at again", () => {
    const { others, leave } = twoRuns();
    others.letGo(["a"], 100);
    expect(others.letGoSince("a", 99)).toBe(true);
    expect(others.letGoSince("a", 100)).toBe(false);
    leave[0]?.();
    expect(others.letGoSince("a", 99)).toBe(true);
    leave[1]?.();
    expect(others.letGoSince("a", 99)).toBe(false);
});
