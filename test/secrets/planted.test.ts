import { found, PLANTED, spellings } from "./planted";

test.each(Object.entries(PLANTED))("%s is found in whatever way it is written down", (name, value) => {
    const ways = [
        value,
        `before ${value} behind`,
        JSON.stringify({ a: value }),
        JSON.stringify({ a: JSON.stringify({ b: value }) }),
        `https://h/?a=${encodeURIComponent(value)}`,
        new URLSearchParams({ a: value }).toString(),
        Buffer.from(value).toString("base64"),
        Buffer.from(`x${value}y`).toString("base64"),
        Buffer.from(`xx${value}yy`).toString("base64url"),
        Buffer.from(JSON.stringify({ a: 1, value: "" })).toString("base64") + Buffer.from(value).toString("base64"),
        Buffer.from(value).toString("hex"),
    ];
    for (const way of ways) {
        expect(found(way, PLANTED)).toContain(name);
    }
    expect(found("nothing planted here", PLANTED)).toEqual([]);
    expect(spellings(value).every(({ length }) => length > 12)).toBe(true);
});
