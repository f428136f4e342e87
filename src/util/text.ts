/**
 * What the other side says, made harmless for a terminal and for a build log: one line, no control characters or escape
 * sequences, no text direction tricks, no commands of build services (`::set-output`, `##[…]`, `##vso[…]`), bounded in length.
 */
export function clean(text: string, limit = 4_000): string {
    // Most of what is cleaned is an id, a state or a name: nothing to remove.
    if (text.length <= limit && /^[\w.-]*$/.test(text)) {
        return text;
    }
    // Cut first: a message of megabytes must not be scanned whole.
    const plain = text
        .slice(0, 8 * limit)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
        .replace(/(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g, "")
        .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, " ")
        .replace(/::(?=\S)/g, ": :")
        .replace(/##(?=\w*\[)/g, "# #")
        .trim();
    return plain.length > limit ? `${[...plain].slice(0, limit - 1).join("")}…` : plain;
}
