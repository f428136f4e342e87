import { childCounts } from "../../src/services/vias/batch-task/child-counts";
import { type Goal, isReached, situationOf, stepFor } from "../../src/services/vias/batch-task/goal";

type States = Readonly<Record<string, number>>;

/** The steps before and after the goal was asked for; at a start children run or have succeeded unless they are `outsideHours`. */
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
    ["started", { starting: 1, stopped: 1 }, "ask, then wait"],
    ["started", { stopped: 2 }, "ask, then ask"],
    ["started", { stopped_no_service: 1, running: 1 }, "ask, then ask"],
    ["started", { stopping: 1, stopped: 1 }, "wait, then wait"],
    ["started", { stopping: 1, failed: 1 }, "wait, then wait"],
    ["started", { failed: 1, running: 1 }, "ask, then failed"],
    ["started", { create_failed: 1 }, "ask, then failed"],
    ["started", { abnormal: 1 }, "ask, then failed"],
    ["started", { lack_of_resources: 1, starting: 1 }, "ask, then wait"],
    ["started", { dancing: 1 }, "ask, then ask"],
    ["started", { deleting: 1 }, "wait, then wait"],
    ["started", {}, "ask, then ask"],
    ["stopped", { stopped: 1, succeeded: 1, failed: 1, deleting: 1 }, "done, then done"],
    ["stopped", { running: 1 }, "ask, then ask"],
    ["stopped", { pending: 1 }, "ask, then ask"],
    ["stopped", { abnormal: 1 }, "ask, then ask"],
    ["stopped", { dancing: 1 }, "ask, then ask"],
    ["stopped", { stopping: 1, running: 1 }, "ask, then wait"],
    ["stopped", { stopping: 2 }, "wait, then wait"],
    ["stopped", { stopping: 1, stopped: 1 }, "wait, then wait"],
    ["stopped", {}, "ask, then done"],
    [undefined, { running: 1, stopped: 1, stopping: 1 }, "done, then done"],
    [undefined, {}, "done, then done"],
])("children that are to be %s and are %j: %s", (goal, states, expected) => {
    expect(steps(goal, states)).toBe(expected);
});

test("a start is asked for children that are stopped outside their hours, for they would not start with them", () => {
    expect(steps("started", { stopped: 1, running: 1 }, { outsideHours: true })).toBe("ask, then done");
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
