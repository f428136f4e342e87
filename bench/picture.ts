import type { Result } from "./rows";

interface Series {
    readonly name: string;
    readonly colour: string;
    readonly points: ReadonlyArray<{ readonly targets: number; readonly ratio: number }>;
}

const COLOURS = {
    ours: "#0b6e4f",
    "one id a request": "#b3261e",
    "fixed polls": "#c77700",
    "exponential back-off": "#4a5fc1",
};
const WIDTH = 430;
const HEIGHT = 300;
const LEFT = 56;
const TOP = 40;

/** Wall over bound and requests over bound against the number of image servers, both on logarithmic axes. */
export function picture(results: readonly Result[]): string {
    const sizes = results.filter(({ name }) => /^workspaceapp-\d+$/.test(name));
    const left = panel("wall ÷ bound", series(sizes, "wall"), 0);
    const right = panel("requests ÷ bound", series(sizes, "requests"), LEFT + WIDTH + 20);
    const legend = Object.entries(COLOURS)
        .map(
            ([name, colour], n) =>
                `<rect x="${LEFT + n * 220}" y="${TOP + HEIGHT + 50}" width="14" height="4" fill="${colour}"/>` +
                `<text x="${LEFT + 20 + n * 220}" y="${TOP + HEIGHT + 56}">${name}</text>`,
        )
        .join("\n");
    const [width, height] = [2 * (LEFT + WIDTH) + 60, TOP + HEIGHT + 76];
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="white"/>
${left}
${right}
${legend}
</svg>
`;
}

function series(sizes: readonly Result[], of: "wall" | "requests"): readonly Series[] {
    const peerNames = sizes[0]?.peers.map(({ name }) => name) ?? [];
    return [
        {
            name: "ours",
            colour: COLOURS.ours,
            points: sizes.map(({ targets, ours, bound }) => ({ targets, ratio: ours[of] / bound[of] })),
        },
        ...peerNames.map((name) => ({
            name,
            colour: COLOURS[name],
            points: sizes.flatMap(({ targets, peers, bound }) => {
                const peer = peers.find((candidate) => candidate.name === name);
                return peer === undefined ? [] : [{ targets, ratio: peer.measured[of] / bound[of] }];
            }),
        })),
    ];
}

function panel(title: string, all: readonly Series[], offset: number): string {
    const points = all.flatMap((one) => one.points);
    const most = 10 ** Math.ceil(Math.log10(Math.max(10, ...points.map(({ ratio }) => ratio))));
    const largest = Math.max(10, ...points.map(({ targets }) => targets));
    const x = (targets: number) => offset + LEFT + (Math.log10(targets) / Math.log10(largest)) * WIDTH;
    const y = (ratio: number) => TOP + HEIGHT - (Math.log10(Math.max(1, ratio)) / Math.log10(most)) * HEIGHT;
    const powers = (top: number) => Array.from({ length: Math.round(Math.log10(top)) + 1 }, (_, n) => 10 ** n);
    const grid = [
        ...powers(most).map(
            (ratio) =>
                `<line x1="${x(1)}" x2="${x(largest)}" y1="${y(ratio)}" y2="${y(ratio)}" stroke="#ddd"/>` +
                `<text x="${x(1) - 6}" y="${y(ratio) + 4}" text-anchor="end">${ratio.toLocaleString("en")}</text>`,
        ),
        ...powers(largest).map(
            (targets) =>
                `<text x="${x(targets)}" y="${y(1) + 18}" text-anchor="middle">${targets.toLocaleString("en")}</text>`,
        ),
    ];
    const lines = all.map(({ colour, points: own }) => {
        const path = own.map(({ targets, ratio }) => `${x(targets).toFixed(1)},${y(ratio).toFixed(1)}`).join(" ");
        const dots = own
            .map(
                ({ targets, ratio }) =>
                    `<circle cx="${x(targets).toFixed(1)}" cy="${y(ratio).toFixed(1)}" r="3" fill="${colour}"/>`,
            )
            .join("");
        return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}`;
    });
    return [
        `<text x="${offset + LEFT}" y="${TOP - 16}" font-weight="bold">${title}, against the number of image servers (jobs of 60 s)</text>`,
        ...grid,
        ...lines,
    ].join("\n");
}
