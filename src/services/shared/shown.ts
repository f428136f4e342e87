import type { Shown } from "../listed-kind";

/** What one row shows by criterion, each a single text: a text that is missing or empty is not shown. */
export function shownTexts(texts: Readonly<Record<string, string | undefined>>): Readonly<Record<string, Shown>> {
    return Object.fromEntries(Object.entries(texts).flatMap(([name, text]) => (text ? [[name, [text]]] : [])));
}
