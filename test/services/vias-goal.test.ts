import { childCounts } from "../../src/services/vias/batch-task/child-counts";
import { type Goal, isReached, situationOf, stepFor } from "../../src/services/vias/batch-task/goal";

type States = Readonly<Record<string, number>>;

/** The steps before and after the goal was requested; at a start children run or have succeeded unless they are `outsideHours`. */
function steps(goal: Goal, states: States, { expected = 1, outsideHours = false } = {}): string {
    const counts = childCounts(Object.entries(states));
    const enough = counts.total >= expected;
    const started = outsideHours || counts.running + counts.succeeded === counts.total;
    const reached = goal === "started" ? enough && started : isReached(goal, counts, expected);
    const situation = situationOf(goal, { counts, reached }, expected);
    return `${stepFor(situation, false)}, then ${stepFor(situation, true)}`;
}

test.each<[Goal, States, string]>([
    ["started", { running: 2, succeeded: 1 }, "done, then done"],
    ["started", { pending: 2 }, "wait, then wait"],
    ["started", { running: 1, recovering: 1 }, "wait, then wait"],
    ["started", { starting: 1, stopped: 1 }, "request, then wait"],
    ["started", { stopped: 2 }, "request, then request"],
    ["started", { stopped_no_service: 1, running: 1 }, "request, then request"],
    ["started", { stopping: 1, stopped: 1 }, "wait, then wait"],
    ["started", { stopping: 1, failed: 1 }, "wait, then wait"],
    ["started", { failed: 1, running: 1 }, "request, then failed"],
    ["started", { create_failed: 1 }, "request, then failed"],
    ["started", { abnormal: 1 }, "request, then failed"],
    ["started", { lack_of_resources: 1, starting: 1 }, "request, then wait"],
    ["started", { dancing: 1 }, "request, then request"],
    ["started", { deleting: 1 }, "wait, then wait"],
    ["started", {}, "request, then request"],
    ["stopped", { stopped: 1, succeeded: 1, failed: 1, deleting: 1 }, "done, then done"],
    ["stopped", { running: 1 }, "request, then request"],
    ["stopped", { pending: 1 }, "request, then request"],
    ["stopped", { abnormal: 1 }, "request, then request"],
    ["stopped", { dancing: 1 }, "request, then request"],
    ["stopped", { stopping: 1, running: 1 }, "request, then wait"],
    ["stopped", { stopping: 2 }, "wait, then wait"],
    ["stopped", { stopping: 1, stopped: 1 }, "wait, then wait"],
    ["stopped", {}, "request, then done"],
    [undefined, { running: 1, stopped: 1, stopping: 1 }, "done, then done"],
    [undefined, {}, "done, then done"],
])("children that are to be %s and are %j: %s", (goal, states, expected) => {
    expect(steps(goal, states)).toBe(expected);
});

test("a start is requested for children that were stopped outside their hours, because they would not start by themselves", () => {
    expect(steps("started", { stopped: 1, running: 1 }, { outsideHours: true })).toBe("request, then done");
    expect(steps("started", { pending: 1, running: 1 }, { outsideHours: true })).toBe("done, then done");
});

test.each<Goal>(["started", "stopped", undefined])(
    "to be %s: children that are not listed yet are waited for, and a request is no way to get them",
    (goal) => {
        const atGoal = goal === "stopped" ? "stopped" : "running";
        expect(steps(goal, { [atGoal]: 2 }, { expected: 3 })).toBe("wait, then wait");
        expect(steps(goal, { [atGoal]: 3 }, { expected: 3 })).toBe("done, then done");
    },
);
