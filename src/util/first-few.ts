import { clean } from "./text";

/** The first few of many things that the cloud said, and how many more there are: one line, fit for a log. */
export function firstFew(texts: readonly string[], most: number): string {
    const shown = texts
        .slice(0, most)
        .map((text) => clean(text, 500))
        .join("; ");
    return texts.length > most ? `${shown} (and ${texts.length - most} more)` : shown;
}
