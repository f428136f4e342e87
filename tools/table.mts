/** Columns as wide as they need to be, with a line under the head; columns of numbers are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
    const numbers = head.map((_, column) => rows.every((row) => /^[\d.,-]*$/.test(row[column] ?? "")));
    const line = (cells: readonly string[]) =>
        cells
            .map((cell, column) => {
                const width = widths[column] ?? 0;
                return numbers[column] ? cell.padStart(width) : cell.padEnd(width);
            })
            .join("  ")
            .trimEnd();
    return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}
