import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { configurationKeys } from "../../../src/cloud/settings/known";
import packageSchema from "../../../src/provider/plugin/schema.json";
import { serviceNames, services } from "../../../src/services/registry";

const root = join(__dirname, "../../..");

test("the committed schema is what the classes and their doc comments make", () => {
    expect(() =>
        execFileSync(process.execPath, ["tools/schema.mts", "--check"], { cwd: root, stdio: "pipe" }),
    ).not.toThrow();
}, 120_000);

test("the provider's configuration has the keys of stack configuration", () => {
    expect(Object.keys(packageSchema.config.variables).sort()).toEqual([...configurationKeys(serviceNames)].sort());
});

test("every resource of the services is in the schema, with an alias for its dynamic type", () => {
    const definitions = Object.values(services).flatMap((load) => load().definitions.map(({ resource }) => resource));
    expect(Object.keys(packageSchema.resources).sort()).toEqual(
        [...definitions, "vias:BatchTask"].map((resource) => `huaweicloud-batch:${resource}`).sort(),
    );
    for (const [token, { aliases }] of Object.entries(packageSchema.resources)) {
        const [, namespace, name] = token.split(":");
        expect(aliases).toEqual([{ type: `pulumi-nodejs:dynamic/huaweicloud-batch/${namespace}:${name}` }]);
    }
});

test("every argument that check knows is an input of the schema", () => {
    const inputs = new Map(
        Object.entries(packageSchema.resources).map(([token, { inputProperties }]) => [
            token.slice(token.indexOf(":") + 1),
            Object.keys(inputProperties),
        ]),
    );
    for (const load of Object.values(services)) {
        for (const { resource, targets, inputs: own } of load().definitions) {
            expect(inputs.get(resource)).toEqual(
                expect.arrayContaining([...targets.map(({ input }) => input), ...Object.keys(own), "timeout"]),
            );
        }
    }
});

test("every resource has an example", () => {
    for (const { description } of Object.values(packageSchema.resources)) {
        expect(description).toContain("## Example Usage");
    }
});
