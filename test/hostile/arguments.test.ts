import { IMAGE_SERVERS, key, oneImageServer, ProviderProcess, place, resources } from "./provider-process";

/** What a program may get wrong. Every case ends in check, with a message that names the argument, and nothing is sent. */

const here = { env: { ...key, ...place } };

/** As the engine marks what is not known yet, in preview. */
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const ids: ReadonlyArray<readonly [what: string, id: unknown]> = [
    ["a slash", "a/b"],
    ["a backslash", "a\\b"],
    ["a parent directory", ".."],
    ["dots alone", "."],
    ["a path to elsewhere", "../../other-project/image-servers/x"],
    ["an encoded dot", "%2e%2e"],
    ["an encoded slash", "a%2Fb"],
    ["a doubly encoded slash", "a%252Fb"],
    ["a query", "a?recursive=true"],
    ["a further parameter", "a&limit=1"],
    ["a fragment", "a#b"],
    ["a semicolon", "a;b"],
    ["a comma: two ids in one", "a,b"],
    ["a line feed", "a\nb"],
    ["a line feed at the end", "a\n"],
    ["a carriage return and a header", "a\r\nX-Evil: 1"],
    ["a NUL", "a\0"],
    ["a terminal escape", "\u001b[2Ja"],
    ["a space before", " a"],
    ["a space behind", "a "],
    ["nothing", ""],
    ["white space alone", "   "],
    ["a wildcard", "*"],
    ["10,000 characters", "a".repeat(10_000)],
    ["a megabyte", "a".repeat(1_000_000)],
    ["emoji", "🔥"],
    ["letters that look alike (Cyrillic а)", "\u0430bc"],
    ["text that runs backwards", "a\u202eb"],
    ["an invisible joiner", "a\u200db"],
    ["half a character", "a\ud800"],
    ["a number", 7],
    ["a large number", 1e21],
    ["true", true],
    ["null", null],
    ["an object", { id: "a" }],
    ["a list in the list", ["a"]],
    ["an output that was not awaited, printed", "Calling [toString] on an [Output<T>] is not supported."],
];

test.each(ids)("an id with %s is refused in every resource, by its place", async (_, id) => {
    for (const { resource, ids: inputs, args } of resources) {
        for (const input of inputs) {
            const provider = new ProviderProcess(here);
            const ended = await provider.up(resource, { ...args, [input]: ["fine", id] });
            expect(ended.is).toBe("refused");
            expect(ended).toMatchObject({ text: expect.stringMatching(new RegExp(`^${input}\\[1\\]: \\S`)) });
            // In one line of bounded length, whatever the id was.
            expect("text" in ended && ended.text).toMatch(/^[^\p{Cc}]{1,300}$/u);
            expect(provider.sent).toEqual([]);
        }
    }
});

const lists: ReadonlyArray<readonly [what: string, list: unknown]> = [
    ["text", "a"],
    ["text with commas", "a,b"],
    ["a number", 5],
    ["an object", { 0: "a" }],
    ["false", false],
];

test.each(lists)("%s instead of a list of ids", async (_, list) => {
    for (const { resource, ids: inputs, args } of resources) {
        const provider = new ProviderProcess(here);
        const [input = ""] = inputs;
        const ended = await provider.up(resource, { ...args, [input]: list });
        expect(ended).toMatchObject({ is: "refused", text: expect.stringContaining(`${input}: `) });
        expect(provider.sent).toEqual([]);
    }
});

const others: ReadonlyArray<readonly [what: string, args: Record<string, unknown>, says: string]> = [
    ["no word on when", { when: undefined }, "when: say when the targets must be gone"],
    ["when: later", { when: "later" }, "when: say when the targets must be gone"],
    ["when: CREATE", { when: "CREATE" }, "when: "],
    ["recursive as text", { recursive: "false" }, "recursive: "],
    ["recursive as a number", { recursive: 0 }, "recursive: "],
    ["a timeout without a unit", { timeout: "60" }, "timeout: "],
    ["a timeout as a number", { timeout: 60 }, "timeout: "],
    ["an empty timeout", { timeout: "" }, "timeout: "],
    ["a timeout of nothing", { timeout: "0s" }, 'timeout: "0s" is no time at all'],
    ["a negative timeout", { timeout: "-5m" }, "timeout: "],
    ["a timeout with spaces", { timeout: "1h 30m" }, "timeout: "],
    ["a timeout in days", { timeout: "2d" }, "timeout: "],
    ["a timeout in scientific notation", { timeout: "1e3s" }, "timeout: "],
    ["a timeout of a year", { timeout: "8760h" }, "timeout: "],
    ["a timeout with 400 digits", { timeout: `${"9".repeat(400)}h` }, "timeout: "],
    ["a timeout of 100,000 parts", { timeout: "1h".repeat(100_000) }, "timeout: "],
    ["a timeout that is no word of any language", { timeout: "\u001b[31mred" }, "timeout: "],
    ["a stallTimeout without a unit", { stallTimeout: "5" }, "stallTimeout: "],
    ["fewer maxItems than targets", { maxItems: 0 }, "maxItems: 1 targets are declared, and maxItems allows 0"],
    ["negative maxItems", { maxItems: -1 }, "maxItems: "],
    ["maxItems that is not whole", { maxItems: 1.5 }, "maxItems: "],
    ["maxItems as text", { maxItems: "100" }, "maxItems: "],
    ["infinite maxItems", { maxItems: Number.POSITIVE_INFINITY }, "maxItems: "],
    ["negative allowedFailures", { allowedFailures: -1 }, "allowedFailures: "],
    ["allowedFailures in per cent", { allowedFailures: "10%" }, "allowedFailures: "],
    ["allowedFailures that are no number", { allowedFailures: Number.NaN }, "allowedFailures: "],
    ["onMissing: error", { onMissing: "error" }, "onMissing: "],
    [
        "an argument mistyped",
        { recursiv: true },
        "recursiv: there is no such argument (did you mean recursive?); there are: ",
    ],
    ["an argument of another resource", { permanently: true }, "permanently: there is no such argument"],
    ["an argument named constructor", { constructor: "x" }, "constructor: there is no such argument"],
    ["an argument named toString", { toString: "x" }, "toString: there is no such argument"],
    ["a region that is a host", { region: "evil.example" }, "region: "],
    ["a region with a slash", { region: "cn-north-4/x" }, "region: "],
    ["a region with a line break", { region: "cn-north-4\n" }, "region: "],
    ["an empty region", { region: "" }, "region: "],
    ["a region of another case", { region: "CN-North-4" }, "region is not a region's name"],
    ["a project id that climbs", { projectId: "../p2" }, "projectId: "],
    ["a project id with a query", { projectId: "p1?x=y" }, "projectId: "],
    ["a project id as a number", { projectId: 5 }, "projectId: "],
    ["an empty profile", { profile: "" }, "profile: "],
    ["a profile of 10,000 characters", { profile: "p".repeat(10_000) }, "profile: "],
    ["an enterprise project that climbs", { enterpriseProjectId: ".." }, "enterpriseProjectId: "],
];

test.each(others)("%s", async (_, args, says) => {
    const provider = new ProviderProcess(here);
    const ended = await provider.up(IMAGE_SERVERS, { ...oneImageServer, ...args });
    expect(["refused", "failed"]).toContain(ended.is);
    expect("text" in ended && ended.text).toContain(says);
    expect("text" in ended && ended.text.length).toBeLessThan(600);
    expect(provider.sent).toEqual([]);
});

test("an argument named __proto__ changes nothing but itself", async () => {
    const provider = new ProviderProcess(here);
    const args: Record<string, unknown> = JSON.parse(
        '{"__proto__": {"maxItems": 0, "when": "destroy", "polluted": true}}',
    );
    const { inputs } = await provider.check(IMAGE_SERVERS, { ...oneImageServer, ...args });
    expect(inputs).toMatchObject(oneImageServer);
    expect("polluted" in inputs).toBe(false);
    expect("polluted" in {}).toBe(false);
});

test("a target that is not known yet is let through by check, and never sent", async () => {
    for (const { resource, ids: inputs, args } of resources) {
        const [input = ""] = inputs;
        const provider = new ProviderProcess(here);
        expect((await provider.check(resource, { ...args, [input]: ["a", UNKNOWN_TEXT] })).text).toBeUndefined();
        expect((await provider.check(resource, { ...args, [input]: UNKNOWN_TEXT })).text).toBeUndefined();
        // A wrong id beside an unknown one is still reported.
        expect((await provider.check(resource, { ...args, [input]: [UNKNOWN_TEXT, "a/b"] })).text).toContain(input);
    }
});

test("a resource that is none of ours", async () => {
    const provider = new ProviderProcess(here);
    await expect(provider.up("workspaceapp:Everything", oneImageServer)).rejects.toThrow("knows no resource");
    await expect(provider.up("__proto__", oneImageServer)).rejects.toThrow("knows no resource");
    await expect(provider.up(`${"x".repeat(10_000)}`, oneImageServer)).rejects.toThrow(/^.{1,400}$/);
    expect(provider.sent).toEqual([]);
});

describe("100,000 ids", () => {
    const many = Array.from({ length: 100_000 }, (_, n) => `server-${n}`);

    test("are recorded without a request, in outputs that stay small beside the list itself", async () => {
        const provider = new ProviderProcess(here);
        const ended = await provider.up(IMAGE_SERVERS, {
            ...oneImageServer,
            imageServerIds: many,
            when: "destroy",
            onMissing: "ignore",
        });
        expect(ended).toMatchObject({ is: "done", outputs: { remaining: 100_000 } });
        const { imageServerIds, ...rest } = ended.is === "done" ? ended.outputs : {};
        expect(imageServerIds).toHaveLength(100_000);
        expect(JSON.stringify(rest).length).toBeLessThan(5_000);
        expect(provider.sent).toEqual([]);
    });

    test("above maxItems are refused in one line", async () => {
        const provider = new ProviderProcess(here);
        const ended = await provider.up(IMAGE_SERVERS, { ...oneImageServer, imageServerIds: many, maxItems: 1_000 });
        expect(ended).toEqual({
            is: "refused",
            text: "maxItems: 100000 targets are declared, and maxItems allows 1000",
        });
        expect(provider.sent).toEqual([]);
    });

    test("all of them wrong are refused in twenty lines and one", async () => {
        const provider = new ProviderProcess(here);
        const wrong = many.map((id) => `${id}/x`);
        const ended = await provider.up(IMAGE_SERVERS, { ...oneImageServer, imageServerIds: wrong });
        const lines = ended.is === "refused" ? ended.text.split("\n") : [];
        expect(lines).toHaveLength(21);
        expect(lines[20]).toBe("and 99980 more problems");
        expect(provider.sent).toEqual([]);
    });

    test("the same one again and again is one", async () => {
        const provider = new ProviderProcess(here);
        const args = { ...oneImageServer, imageServerIds: many.map(() => "server-1"), when: "destroy" };
        expect(await provider.up(IMAGE_SERVERS, args)).toMatchObject({ is: "done", outputs: { remaining: 1 } });
    });
});
