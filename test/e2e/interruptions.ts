/** Where a run is interrupted, and how: chosen by what the emulator has received, not by time. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run, Stack } from "./stack";
import type { Tenant } from "./tenant";

const LOOK_EVERY_MS = 20;
/** Longer than any interruption takes to have its effect. */
const ANSWER_LATE_MS = 4_000;

/** One service's calls, as the emulator's log names them. */
export interface Traffic {
    readonly service: string;
    /** Of the request that takes effect. */
    readonly operation: string;
}

/**
 * looking: the service has received its first call.
 * submitted: the batch request has taken effect, and its answer is held back.
 * waiting: an inspection or a poll has come after the answer to the batch request.
 */
export type Moment = "looking" | "submitted" | "waiting";

export type Interruption =
    | "kill -9 of the CLI"
    | "kill -9 of the provider"
    | "Ctrl-C"
    | "Ctrl-C twice"
    | "SIGTERM"
    | "the emulator killed and started again";

export interface Point {
    readonly moment: Moment;
    readonly interruption: Interruption;
}

export async function until(reached: () => Promise<boolean>, what: string, limitMs = 60_000): Promise<void> {
    for (let waited = 0; !(await reached()); waited += LOOK_EVERY_MS) {
        if (waited > limitMs) {
            throw new Error(`${what}: not within ${limitMs} ms`);
        }
        await sleep(LOOK_EVERY_MS);
    }
}

/** Runs the CLI, interrupts it at that point, and waits for its end. */
export async function interrupted(
    stack: Stack,
    tenant: Tenant,
    args: readonly string[],
    { service, operation }: Traffic,
    { moment, interruption }: Point,
): Promise<void> {
    const before = (await tenant.requests()).length;
    if (moment === "submitted") {
        const late = { fault: "delay", service, operation, ms: ANSWER_LATE_MS, times: 1 } as const;
        await tenant.control.seed({ faults: [late] });
    }
    const run = stack.start(...args);
    const seen = async () => {
        const requests = (await tenant.requests()).slice(before).filter((request) => request.service === service);
        const submitted = requests.findIndex(
            (request) => request.operation === operation && request.status !== null && request.status < 300,
        );
        switch (moment) {
            case "looking":
                return requests.length > 0;
            case "submitted":
                return submitted >= 0;
            case "waiting":
                return (
                    submitted >= 0 && requests.slice(submitted + 1).some((request) => request.operation !== operation)
                );
        }
    };
    const ended = run.ended.then(({ output }) => {
        throw new Error(`pulumi ${args.join(" ")} ended before it could be interrupted (${moment}):\n${output}`);
    });
    await Promise.race([until(seen, `${service}, ${moment}`), ended]);
    // From here on the end is what is waited for.
    ended.catch(() => undefined);
    await interrupt(stack, tenant, run, interruption);
    await run.ended;
    await tenant.control.clearFaults();
}

async function interrupt(stack: Stack, tenant: Tenant, run: Run, interruption: Interruption): Promise<void> {
    switch (interruption) {
        case "kill -9 of the CLI":
            run.kill();
            return;
        case "kill -9 of the provider":
            for (const pid of await stack.providers()) {
                process.kill(pid, "SIGKILL");
            }
            return;
        case "Ctrl-C":
            run.interrupt();
            return;
        case "Ctrl-C twice":
            run.interrupt();
            await sleep(200);
            run.interrupt();
            return;
        case "SIGTERM":
            run.terminate();
            return;
        case "the emulator killed and started again":
            await tenant.restart();
            return;
    }
}

/** What a user does then: frees the stack if it is locked, and runs the command again. */
export async function again(stack: Stack, args: readonly string[]): Promise<void> {
    const locks = await readdir(join(stack.directory, "state/.pulumi/locks"), { recursive: true }).catch(() => []);
    if (locks.some((name) => name.endsWith(".json"))) {
        await stack.must("cancel", "--yes");
    }
    await stack.must(...args);
}
