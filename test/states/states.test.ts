import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SCHEMA_VERSION } from "../../src/provider/state";
import { type Condition, resources, type StatefulResource, shapeOf, stateOf } from "./conditions";

/** `npm run record-states` writes what is missing; what is there is a released shape, and never written again. */
const RECORDING = process.env.RECORD_STATES === "1";

const fileOf = ({ resource }: StatefulResource, condition: Condition) =>
    join(__dirname, `v${SCHEMA_VERSION}`, `${resource.replace(":", ".")}.${condition}.json`);

const cases = resources.flatMap((what) => what.conditions.map((condition) => ({ what, condition })));

test.each(cases)("$what.resource, $condition: its state has the recorded shape", async ({ what, condition }) => {
    const file = fileOf(what, condition);
    const state = await stateOf(what, condition);
    if (RECORDING && !existsSync(file)) {
        mkdirSync(join(file, ".."), { recursive: true });
        writeFileSync(file, `${JSON.stringify(state, undefined, 2)}\n`);
    }
    if (!existsSync(file)) {
        throw new Error("not recorded: run npm run record-states");
    }
    // Another shape needs another SCHEMA_VERSION, code that reads both, and new recordings.
    expect(shapeOf(state)).toEqual(shapeOf(JSON.parse(readFileSync(file, "utf8"))));
});

test("every recording belongs to a resource", () => {
    const known = cases.map(({ what, condition }) => fileOf(what, condition)).sort();
    const found = readdirSync(join(__dirname, `v${SCHEMA_VERSION}`)).map((name) =>
        join(__dirname, `v${SCHEMA_VERSION}`, name),
    );
    expect(found.sort()).toEqual(known);
});

test("conditions are what they are called", async () => {
    for (const { what, condition } of cases) {
        const { outputs, initErrors } = await stateOf(what, condition);
        const { remaining = 0, inDesiredState = true } = outputs;
        expect({ resource: what.resource, condition, initErrors }).toEqual({
            resource: what.resource,
            condition,
            initErrors: condition === "partly-failed" || condition === "stopped-for-update",
        });
        const unsettled = remaining !== 0 || inDesiredState === false;
        expect({ resource: what.resource, condition, unsettled }).toEqual({
            resource: what.resource,
            condition,
            unsettled: !["created", "allowed-to-fail", "rule-done", "rule-recorded"].includes(condition),
        });
        const { allowedToFail = [], stoppedForUpdate = false } = outputs;
        expect({ condition, allowed: allowedToFail, stoppedForUpdate }).toEqual({
            condition,
            allowed: condition === "allowed-to-fail" ? [expect.any(String)] : [],
            stoppedForUpdate: condition === "stopped-for-update",
        });
    }
});
