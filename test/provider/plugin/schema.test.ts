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

test("an argument that one way of declaring has, and the other has not, is not required", () => {
    const deletion = packageSchema.resources["huaweicloud-batch:workspaceapp:ImageServerBatchDeletion"];
    expect(deletion.requiredInputs).toEqual(["when"]);
    expect(deletion.inputProperties.matching).toMatchObject({
        $ref: "#/types/huaweicloud-batch:workspaceapp:ImageServerMatching",
    });
});

test("every list of the services is a function of the schema, and of the resources that it alone lists", () => {
    const lists = Object.values(services).flatMap((load) => load().lists ?? []);
    expect(Object.keys(packageSchema.functions).sort()).toEqual(
        lists.map(({ service, name }) => `huaweicloud-batch:${service.name}:${name}`).sort(),
    );
    const listed = Object.entries(packageSchema.resources).flatMap(([token, resource]) =>
        "listInputs" in resource ? [token.slice(token.indexOf(":") + 1)] : [],
    );
    const all = lists.flatMap(({ resources }) => resources);
    expect(listed.sort()).toEqual(all.filter((resource) => all.indexOf(resource) === all.lastIndexOf(resource)).sort());
});

test("every resource has an example", () => {
    for (const { description } of Object.values(packageSchema.resources)) {
        expect(description).toContain("## Example Usage");
    }
});
