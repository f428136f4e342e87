/**
 * `npm run torture -- --runs 10000 --seed 1`: random schedules of faults against the whole product, in virtual time.
 * `--schedule FILE` plays one schedule again, as it was printed.
 */
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import "./typescript-hooks.mts";
import type { Tally } from "../test/torture/campaign.ts";

const { add, campaign, nothing, report } = await import("../test/torture/campaign.ts");

const { values } = parseArgs({
    options: {
        runs: { type: "string", default: "1000" },
        seed: { type: "string", default: String(Date.now() % 1_000_000) },
        schedule: { type: "string" },
        /** One share of the work, in a process of its own. */
        share: { type: "boolean", default: false },
    },
});
const runs = Number(values.runs);
const seed = Number(values.seed);

/** Apart enough that no two shares play the same. */
const BETWEEN_SEEDS = 1_000_003;

function startShare(runsOfShare: number, seedOfShare: number, onPlayed: (played: number) => void): Promise<Tally> {
    return new Promise((resolve, reject) => {
        const child = fork(import.meta.filename, ["--share", `--runs=${runsOfShare}`, `--seed=${seedOfShare}`]);
        let tally: Tally | undefined;
        child.on("message", (message: { played: number } | { tally: Tally }) => {
            if ("tally" in message) {
                tally = message.tally;
            } else {
                onPlayed(message.played);
            }
        });
        child.on("exit", (code) => {
            if (tally === undefined) {
                reject(new Error(`a share of the work ended with ${code}`));
            } else {
                resolve(tally);
            }
        });
    });
}

if (values.schedule !== undefined) {
    const { play } = await import("../test/torture/play.ts");
    const account = await play(JSON.parse(readFileSync(values.schedule, "utf8")));
    console.log(account);
    process.exitCode = account.broken.length === 0 ? 0 : 1;
} else if (values.share) {
    const onPlayed = (played: number) => {
        if (played % 100 === 0) {
            process.send?.({ played });
        }
    };
    process.send?.({ tally: await campaign({ runs, seed, shrinks: 300, onPlayed }) });
    process.disconnect();
} else {
    const began = Date.now();
    const shares = Math.min(availableParallelism(), Math.max(1, Math.ceil(runs / 100)));
    const played = Array.from({ length: shares }, () => 0);
    console.log(`${runs} schedules from seed ${seed}, in ${shares} processes`);
    const tallies = await Promise.all(
        played.map((_, share) => {
            const runsOfShare = Math.floor(runs / shares) + (share < runs % shares ? 1 : 0);
            return startShare(runsOfShare, seed + share * BETWEEN_SEEDS, (count) => {
                played[share] = count;
                if (process.stdout.isTTY) {
                    process.stdout.write(`\r${played.reduce((a, b) => a + b, 0)} of ${runs}`);
                }
            });
        }),
    );
    const tally = tallies.reduce(add, nothing);
    console.log(`\n${report(tally)}\nseconds          ${Math.round((Date.now() - began) / 1000)}`);
    process.exitCode = tally.broken === null ? 0 : 1;
}
