import { observeCancellation } from "../../src/provider/dynamic/cancellation";

function listening() {
    let tell: (message: unknown) => void = () => undefined;
    const cancellation = observeCancellation((heard) => {
        tell = heard;
    });
    const warnings: string[] = [];
    return {
        cancellation,
        warnings,
        call: (path: string) => tell({ stream: {}, headers: { ":method": "POST", ":path": path } }),
        tell: (message: unknown) => tell(message),
        hook: () => cancellation.hookCalled((warning) => warnings.push(warning)),
    };
}

test("the engine's Cancel is heard, and no other call is taken for it", () => {
    const { cancellation, call } = listening();
    call("/pulumirpc.ResourceProvider/Create");
    call("/pulumirpc.LanguageRuntime/Cancel");
    expect(cancellation.signal.aborted).toBe(false);
    call("/pulumirpc.ResourceProvider/Cancel");
    expect(cancellation.signal.reason).toMatchObject({ code: "Cancelled" });
    call("/pulumirpc.ResourceProvider/Cancel");
});

test.each([undefined, null, {}, { headers: null }, { headers: 1 }, "text"])(
    "a message of another shape (%p) is no Cancel",
    (message) => {
        const { cancellation, tell } = listening();
        tell(message);
        expect(cancellation.signal.aborted).toBe(false);
    },
);

test("where no call is shown that is said once, from the second hook on: the first came before anybody listened", () => {
    const { warnings, hook } = listening();
    hook();
    expect(warnings).toEqual([]);
    hook();
    hook();
    expect(warnings).toEqual([expect.stringMatching(/does not show this process when the engine cancels/)]);
});

test("where calls are shown nothing is said", () => {
    const { warnings, hook, call } = listening();
    hook();
    call("/pulumirpc.ResourceProvider/Create");
    hook();
    expect(warnings).toEqual([]);
});
