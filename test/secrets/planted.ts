/** A value that nothing else holds, with what different spellings change in it. Fit for a header. */
const headerSafe = (name: string) => `PLANTED-${name}/+="&%\\'<>0123456789`;

export const PLANTED = {
    accessKey: "PLANTEDAK0123456789ABCDEF",
    secretKey: headerSafe("secret-key"),
    securityToken: headerSafe("security-token"),
    token: headerSafe("given-token"),
    password: 'PLANTED pass "word" /+=&%\\ é☂ 0123456789',
    webhookHeader: 'PLANTED webhook "header" /+=&%\\ 0123456789',
} as const;

/** How a value may be written down: as it is, escaped in JSON (once and twice), in a URL, in a form, in base64 wherever it begins, in hex. */
export function spellings(value: string): readonly string[] {
    const bytes = Buffer.from(value, "utf8");
    const json = JSON.stringify(value).slice(1, -1);
    const inBase64 = [0, 1, 2].flatMap((before) => {
        const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
        // The first and last characters depend on the neighbours.
        const own = text.slice(before === 0 ? 0 : 4, -4);
        return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
    });
    return [
        ...new Set([
            value,
            json,
            JSON.stringify(json).slice(1, -1),
            encodeURIComponent(value),
            encodeURI(value),
            new URLSearchParams({ v: value }).toString().slice(2),
            value.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e"),
            ...inBase64,
            bytes.toString("hex"),
        ]),
    ];
}

/** The names of the secrets that the text holds, in any spelling. */
export function found(text: string, secrets: Readonly<Record<string, string>>): readonly string[] {
    return Object.entries(secrets).flatMap(([name, value]) =>
        spellings(value).some((spelling) => text.includes(spelling)) ? [name] : [],
    );
}
