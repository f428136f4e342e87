import { runtime } from "@pulumi/pulumi";
import { holdsUnknown, isUnknown } from "../../src/provider/inputs/unknowns";

test("the SDK's own marker is known here", () => {
    expect(isUnknown(runtime.unknownValue)).toBe(true);
});

test.each([undefined, null, "", "04da6b54", 0, false, [], {}])("%j is known", (value) => {
    expect(isUnknown(value)).toBe(false);
    expect(holdsUnknown(value)).toBe(false);
});

test("a value with an unknown inside is not unknown itself, but holds one", () => {
    const value = { a: [{ b: "known" }, { b: [1, "3eeb2bf0-c639-47a8-9e75-3b44932eb421"] }] };
    expect(isUnknown(value)).toBe(false);
    expect(holdsUnknown(value)).toBe(true);
    expect(holdsUnknown({ a: [{ b: "known" }, { b: [1, 2] }] })).toBe(false);
});
