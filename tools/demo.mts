/** `npm run demo`: the whole life of a clean-up on the real Pulumi engine, against the emulated cloud. */
import { join } from "node:path";
import { startEmulator } from "huaweicloud-batch-emulator";
import { z } from "zod";
import { disagreements, falseClaims, tally, traffic } from "./demo/audit.mts";
import { DemoStack } from "./demo/stack.mts";
import { type Furnished, furnish } from "./demo/tenant.mts";
import { findEngine } from "./engine/find.mts";
import { stopSteps } from "./engine/step.mts";
import { table } from "./table.mts";

/** The emulator's jobs take minutes, as the cloud's do. */
const SPEED = 60;

const stateSchema = z.object({
    deployment: z.object({
        resources: z.array(
            z.object({
                urn: z.string(),
                outputs: z.object({ counts: z.record(z.string(), z.number()).optional() }).optional(),
            }),
        ),
    }),
});

/** The output `counts` of each resource of the stack, by the resource's name. */
async function claims(stack: DemoStack): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
    const { deployment } = stateSchema.parse(await stack.exported());
    return new Map(
        deployment.resources.flatMap(({ urn, outputs }) =>
            outputs?.counts === undefined ? [] : [[urn.split("::").at(-1) ?? "", outputs.counts]],
        ),
    );
}

function configurationOf(furnished: readonly Furnished[], variables: Readonly<Record<string, string>>) {
    const romaInstanceId = variables.ROMA_INSTANCE_ID ?? "";
    return { romaInstanceId, ...Object.fromEntries(furnished.map(({ kind, declared }) => [kind.config, declared])) };
}

async function demo(): Promise<readonly string[]> {
    const engine = await findEngine((line) => console.log(line));
    console.log(`engine: pulumi v${engine.version} (from ${engine.from})`);
    const emulator = await startEmulator({ speed: SPEED });
    console.log(`emulator: listening on ${emulator.url}, ${SPEED} times faster than the cloud`);
    const { control } = emulator;
    try {
        const furnished = await furnish(control);
        const stack = await DemoStack.create(engine, join(import.meta.dirname, "..", "examples", "clean-up"), {
            HW_ACCESS_KEY: "emulator",
            HW_SECRET_KEY: "emulator",
            HW_REGION_NAME: "cn-north-4",
            HUAWEICLOUD_BATCH_ENDPOINT: emulator.url,
        });
        process.on("SIGTERM", () => stack.terminate());
        try {
            await stack.configure(configurationOf(furnished, emulator.variables()));
            return await story(stack);
        } finally {
            await stack.remove();
        }

        async function story(on: DemoStack): Promise<readonly string[]> {
            const begun: number[] = [];
            const step = (...args: string[]) => {
                begun.push(Date.now());
                return on.show(...args);
            };
            await step("up", "--yes", "--skip-preview");
            const found = [...falseClaims(await claims(on), await tally(control, furnished))];
            await step("preview", "--expect-no-changes");

            const cameBack = furnished.find(({ kind }) => kind.kind === "imageServers")?.declared.at(-1) ?? "";
            console.log(`\nsomebody makes image server ${cameBack} again`);
            const again = { service: "workspaceapp", kind: "imageServers", objects: [{ id: cameBack, name: "again" }] };
            await control.seed({ objects: [again] });
            await step("refresh", "--yes", "--skip-preview");
            await step("up", "--yes", "--skip-preview");
            await step("destroy", "--yes", "--skip-preview");

            found.push(...(await disagreements(control, furnished, cameBack)));
            const rows: string[][] = [];
            for (const { service, declared, deleted, alreadyGone, failed } of await tally(control, furnished)) {
                const { requests, calls, seconds } = await traffic(control, service.name, begun);
                rows.push([
                    service.title,
                    ...[declared, deleted, alreadyGone, failed, requests, calls].map(String),
                    seconds.toFixed(1),
                ]);
            }
            const head = [
                "service",
                "declared",
                "deleted",
                "already gone",
                "failed",
                "requests sent",
                "calls in all",
                "seconds",
            ];
            console.log(`\n${table(head, rows)}`);
            return found;
        }
    } finally {
        await emulator.close();
    }
}

// Ctrl-C reaches the CLI too; this process goes on, to clean up after it.
process.on("SIGINT", () => stopSteps());
process.on("SIGTERM", () => stopSteps());
try {
    const found = await demo();
    if (found.length === 0) {
        console.log(
            "\nThe emulator's audit log agrees: all that was declared is gone, and nothing else; what came back was deleted twice.",
        );
    } else {
        console.error(`\nThe emulator's audit log says otherwise:\n${found.join("\n")}`);
        process.exitCode = 1;
    }
} catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
}
