import { randomFillSync } from "node:crypto";

/** A number from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** Repeatable numbers from a seed (a 32-bit Weyl sequence, mixed). */
export function seededRandom(seed: number): Random {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x9e3779b9) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
        mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
        return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
    };
}

/** Numbers that nobody can guess: tokens of a served emulator are made of them. */
export const secureRandom: Random = () => {
    const [number = 0] = randomFillSync(new Uint32Array(1));
    return number / 2 ** 32;
};

export function randomText(random: Random, length: number, alphabet: string): string {
    let text = "";
    for (let i = 0; i < length; i++) {
        text += alphabet[Math.floor(random() * alphabet.length)];
    }
    return text;
}

export const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A number of so many digits that does not begin with 0; nine digits from each draw. */
export function digits(random: Random, count: number): string {
    let text = String(1 + Math.floor(random() * 9));
    while (text.length < count) {
        text += String(Math.floor(random() * 1e9)).padStart(9, "0");
    }
    return text.slice(0, count);
}

export function uuid(random: Random): string {
    const hex = hex32(random);
    const variant = "89ab"[Math.floor(random() * 4)];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Eight digits from each draw: worlds are seeded with objects by the hundred thousand. */
export function hex32(random: Random): string {
    const eight = () =>
        Math.floor(random() * 2 ** 32)
            .toString(16)
            .padStart(8, "0");
    return eight() + eight() + eight() + eight();
}
