/**
 * `npm run torture -- --runs 10000 --seed 1`: random schedules of faults against the whole product, in virtual time.
 * `--from 7715 --runs 1` plays one schedule of a seed, `--schedule FILE` one as it was printed. `--processes` are as many
 * as the machine has cores by default: the schedules do not depend on it.
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
        from: { type: "string", default: "0" },
        schedule: { type: "string" },
        processes: { type: "string", default: String(availableParallelism()) },
        /** Plays the stretches that it is sent. */
        worker: { type: "boolean", default: false },
    },
});

/** Consecutive schedules, played by one process. */
interface Stretch {
    readonly seed: number;
    readonly from: number;
    readonly runs: number;
}

const STRETCH = 100;
/** So many broken schedules are enough to stop: the others would show the same. */
const MOST_BROKEN = 10;

function stretches(): Stretch[] {
    const [seed, from, runs] = [Number(values.seed), Number(values.from), Number(values.runs)];
    return Array.from({ length: Math.ceil(runs / STRETCH) }, (_, i) => ({
        seed,
        from: from + i * STRETCH,
        runs: Math.min(STRETCH, runs - i * STRETCH),
    }));
}

/** A process of its own plays one stretch after the other, until `next` has no more. */
function startWorker(next: () => Stretch | undefined, onPlayed: (tally: Tally) => void): Promise<void> {
    return new Promise((resolve, reject) => {
        const worker = fork(import.meta.filename, ["--worker"]);
        let idle = false;
        const handOut = () => {
            const stretch = next();
            idle = stretch === undefined;
            if (stretch === undefined) {
                worker.disconnect();
            } else {
                worker.send(stretch);
            }
        };
        worker.on("message", (tally: Tally) => {
            onPlayed(tally);
            handOut();
        });
        worker.on("exit", (code) => {
            if (idle && code === 0) {
                resolve();
            } else {
                reject(new Error(`a process that played schedules ended with ${code}`));
            }
        });
        handOut();
    });
}

if (values.schedule !== undefined) {
    const { play } = await import("../test/torture/play.ts");
    const account = await play(JSON.parse(readFileSync(values.schedule, "utf8")));
    console.log(account);
    process.exitCode = account.broken.length === 0 ? 0 : 1;
} else if (values.worker) {
    process.on("message", async (stretch: Stretch) => {
        process.send?.(await campaign({ ...stretch, shrinks: 300, mostBroken: MOST_BROKEN }));
    });
} else {
    const began = Date.now();
    const left = stretches();
    const processes = Math.min(Number(values.processes), left.length);
    console.log(
        `${values.runs} schedules from number ${values.from} of seed ${values.seed}, in ${processes} processes`,
    );
    let tally = nothing;
    const next = () => (tally.broken.length < MOST_BROKEN ? left.shift() : undefined);
    const onPlayed = (played: Tally) => {
        tally = add(tally, played);
        for (const { path, what } of played.broken) {
            console.log(`\nbroken by ${path}: ${what[0]}`);
        }
        if (process.stdout.isTTY) {
            process.stdout.write(`\r${tally.schedules} of ${values.runs}`);
        } else if (tally.schedules % 1000 === 0) {
            console.log(`${tally.schedules} of ${values.runs}`);
        }
    };
    await Promise.all(Array.from({ length: processes }, () => startWorker(next, onPlayed)));
    console.log(`\n${report(tally)}\nseconds          ${Math.round((Date.now() - began) / 1000)}`);
    process.exitCode = tally.broken.length === 0 ? 0 : 1;
}
