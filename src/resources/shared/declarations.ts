import * as pulumi from "@pulumi/pulumi";
import { RULE_INPUT, RULE_INPUTS } from "../../provider/ownership/rule-text";
import type { Declared, Values } from "./holding-facts";

/**
 * Tells the provider processes of this operation what the program declares. Their own checks are not enough: a resource that `--target`
 * leaves out gets no check, one that is declared late gets a late one, and one of another provider gets it in another process.
 */
export function tellProviders(
    resource: pulumi.CustomResource,
    facts: Declared,
    args: Values,
    urn: Promise<string>,
): void {
    const address = engineAddress();
    if (address === undefined || pulumi.runtime.isDryRun()) {
        return;
    }
    const { holds } = facts;
    const { owned } = holds;
    const wanted = [
        ...Object.keys(holds.ids),
        ...holds.placeInputs,
        ...holds.decidedBy,
        ...(holds.byRule ? RULE_INPUTS : []),
        ...(owned === undefined ? [] : [owned.adoptedBy]),
        "region",
        "projectId",
    ];
    const known: Record<string, unknown> = {};
    const unresolved = new Set(wanted);
    const writer = loadDeclarationsWriter().writerTo(address);
    const declare = async () => {
        const hidden = holds.byRule === true && !unresolved.has(RULE_INPUT) && (await isSecret(args[RULE_INPUT]));
        writer.declared(await urn, facts, known, unresolved, hidden);
    };
    let planned = false;
    for (const name of wanted) {
        pulumi.output({ value: args[name] }).apply(({ value }) => {
            known[name] = value;
            unresolved.delete(name);
            if (!planned) {
                planned = true;
                setImmediate(() => {
                    planned = false;
                    void declare();
                });
            }
        });
    }
    const outputs: Values = Object.fromEntries(
        [...wanted, "place", ...(owned === undefined ? [] : [owned.output]), "__urn"].map((name) => [
            name,
            Reflect.get(resource, name),
        ]),
    );
    pulumi.output({ id: resource.id, outputs }).apply(async (answered) => {
        const hidden = holds.byRule === true && (await isSecret(Reflect.get(resource, RULE_INPUT)));
        writer.registered(await urn, facts, answered.id, answered.outputs, hidden);
    });
}

async function isSecret(value: unknown): Promise<boolean> {
    return value !== undefined && (await pulumi.isSecret(pulumi.output(value)));
}

/** The address of the engine that runs this program; undefined in a test with mocks. */
export function engineAddress(): string | undefined {
    if (!pulumi.runtime.hasEngine()) {
        return undefined;
    }
    const engine: unknown = pulumi.runtime.getEngine();
    const getChannel: unknown = Object(engine).getChannel;
    const channel: unknown = typeof getChannel === "function" ? getChannel.call(engine) : undefined;
    const getTarget: unknown = Object(channel).getTarget;
    const target: unknown = typeof getTarget === "function" ? getTarget.call(channel) : undefined;
    return typeof target === "string" ? /([\w.[\]:-]+:\d{1,5})$/.exec(target.replace(/^dns:\/*/, ""))?.[1] : undefined;
}

function loadDeclarationsWriter(): typeof import("./declarations-writer") {
    return require("./declarations-writer");
}
