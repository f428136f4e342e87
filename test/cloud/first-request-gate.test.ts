import { type AuthOutcome, FirstRequestGate } from "../../src/cloud/client/first-request-gate";
import { CloudError } from "../../src/cloud/errors";
import { VirtualClock } from "../virtual-clock";

const never = new AbortController().signal;
const refused: AuthOutcome = {
    is: "refused",
    error: new CloudError({ kind: "unauthenticated", code: "X", detail: "no" }),
};

/** Ten requests at once, each of 100 ms, whose verdicts come in this order; when each was sent, in tenths of a second. */
async function sent(verdicts: AuthOutcome[], count = 10): Promise<number[]> {
    const clock = new VirtualClock({ start: 0, rounds: 2 });
    const gate = new FirstRequestGate();
    const at: number[] = [];
    const one = async () => {
        const pass = await gate.enter(never);
        if (pass === undefined) {
            return;
        }
        const verdict = verdicts[at.length] ?? { is: "proven" };
        at.push(clock.now() / 100);
        await clock.sleep(100);
        pass.leave(verdict);
    };
    await clock.run(Promise.all(Array.from({ length: count }, one)));
    return at;
}

test("the first request goes alone, then all others", async () => {
    expect(await sent([{ is: "proven" }], 4)).toEqual([0, 1, 1, 1]);
});

test("after an undecided answer the next request goes alone", async () => {
    expect(await sent([{ is: "undecided" }, { is: "doubted" }], 5)).toEqual(
        [0, 1, 2, 2, 2].map((t, i) => (i > 2 ? 3 : t)),
    );
});

test("a refusal stops all requests for good", async () => {
    expect(await sent([refused])).toEqual([0]);
});

test("a later refusal stops the requests after it, whatever other requests got", async () => {
    const gate = new FirstRequestGate();
    (await gate.enter(never))?.leave({ is: "proven" });
    const [a, b] = [await gate.enter(never), await gate.enter(never)];
    a?.leave(refused);
    expect(b?.valid).toBe(false);
    b?.leave({ is: "proven" });
    expect(await gate.enter(never)).toBeUndefined();
    expect(gate.refusal?.code).toBe("X");
});

test("after a doubtful answer the next request goes alone, and admitted requests that were not sent yet wait again", async () => {
    const gate = new FirstRequestGate();
    (await gate.enter(never))?.leave({ is: "proven" });
    const [a, b] = [await gate.enter(never), await gate.enter(never)];
    a?.leave({ is: "doubted" });
    expect(b?.valid).toBe(false);
    b?.leave({ is: "undecided" });
    const alone = await gate.enter(never);
    let second = false;
    const waiting = gate.enter(never).then(() => {
        second = true;
    });
    await new Promise(setImmediate);
    expect(second).toBe(false);
    alone?.leave({ is: "proven" });
    await waiting;
});

test("a waiting request that aborts does not delay the others", async () => {
    const gate = new FirstRequestGate();
    const first = await gate.enter(never);
    const stop = new AbortController();
    const waiting = gate.enter(stop.signal);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    first?.leave({ is: "undecided" });
    expect(await gate.enter(never)).toBeDefined();
});
