import fc from "fast-check";
import { compileGlob, isGlob } from "../../src/util/glob";

test.each([
    ["web-*", "web-1", true],
    ["web-*", "web-", true],
    ["web-*", "web", false],
    ["web-?", "web-1", true],
    ["web-?", "web-12", false],
    ["web-?", "web-", false],
    ["*", "", true],
    ["?", "", false],
    ["", "", true],
    ["", "a", false],
    ["*-prod-*", "db-prod-7", true],
    ["*-prod-*", "db-PROD-7", false],
    ["Web", "web", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-b-b-c-", false],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
    ["[ab]", "[ab]", true],
    ["a\\*", "a\\*", true],
    ["?", "🙂", true],
    ["caf?", "cafe\u0301", true],
    ["caf\u00e9*", "cafe\u0301-1", true],
    ["数据?", "数据库", true],
])("the glob %j and the name %j", (glob, name, expected) => {
    expect(compileGlob(glob)(name)).toBe(expected);
});

test("a text is a glob by its wildcards alone", () => {
    expect(["web-*", "web-?", "web-[1]", "web-1"].map(isGlob)).toEqual([true, true, false, false]);
});

test("a glob matches what a regular expression of the same meaning matches", () => {
    const letter = fc.constantFrom("a", "b", "*", "?", ".", "🙂");
    fc.assert(
        fc.property(
            fc.string({ unit: letter, maxLength: 8 }),
            fc.string({ unit: letter, maxLength: 8 }),
            (glob, name) => {
                const source = [...glob]
                    .map((each) => (each === "*" ? ".*" : each === "?" ? "." : `[${each}]`))
                    .join("");
                expect(compileGlob(glob)(name)).toBe(new RegExp(`^${source}$`, "su").test(name));
            },
        ),
        { numRuns: 2_000 },
    );
});

test("a glob of many wildcards takes no longer than the lengths multiplied", () => {
    const began = performance.now();
    expect(compileGlob(`${"*a".repeat(200)}b`)("a".repeat(2_000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
});
