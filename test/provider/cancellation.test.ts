import { observeCancellation } from "../../src/provider/dynamic/cancellation";

function listening() {
    let publish: (message: unknown) => void = () => undefined;
    const cancellation = observeCancellation((onMessage) => {
        publish = onMessage;
    });
    const warnings: string[] = [];
    return {
        cancellation,
        warnings,
        call: (path: string) => publish({ stream: {}, headers: { ":method": "POST", ":path": path } }),
        publish: (message: unknown) => publish(message),
        hook: () => cancellation.hookCalled((warning) => warnings.push(warning)),
    };
}

test("the engine's Cancel aborts the signal, and no other call does", () => {
    const { cancellation, call } = listening();
    call("/pulumirpc.ResourceProvider/Create");
    call("/pulumirpc.LanguageRuntime/Cancel");
    expect(cancellation.signal.aborted).toBe(false);
    call("/pulumirpc.ResourceProvider/Cancel");
    expect(cancellation.signal.reason).toMatchObject({ code: "Cancelled" });
    call("/pulumirpc.ResourceProvider/Cancel");
});

test.each([undefined, null, {}, { headers: null }, { headers: 1 }, "text"])(
    "a message of another shape (%p) does not abort",
    (message) => {
        const { cancellation, publish } = listening();
        publish(message);
        expect(cancellation.signal.aborted).toBe(false);
    },
);

test("if no call is visible a warning says so once, from the second hook on: the first call comes before the subscription", () => {
    const { warnings, hook } = listening();
    hook();
    expect(warnings).toEqual([]);
    hook();
    hook();
    expect(warnings).toEqual([expect.stringMatching(/does not show this process when the engine cancels/)]);
});

test("if calls are visible there is no warning", () => {
    const { warnings, hook, call } = listening();
    hook();
    call("/pulumirpc.ResourceProvider/Create");
    hook();
    expect(warnings).toEqual([]);
});
