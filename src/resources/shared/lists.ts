import { log, output, RunError, runtime } from "@pulumi/pulumi";
import type { ListDefinition, ListedRow } from "../../services/shared/list-definition";
import type { ListFunctions } from "./list-types";
import { emptyValues } from "./matching-values";

/** The functions of one list, named "roma.listApps" in errors. The service's module is loaded at the first call, not with the package. */
export function listFunctions<Args extends object, Row extends ListedRow>(
    name: string,
    definition: () => ListDefinition<Row>,
): ListFunctions<Args, Row> {
    return {
        list: (args) => listInCloud(name, definition, args),
        listOutput: (args) => output<object>(args).apply((known) => listInCloud(name, definition, known)),
    };
}

/** Reads from the cloud, in preview too. Fails with one line: the operation, the cloud's code, message and request id. */
async function listInCloud<Row extends ListedRow>(
    name: string,
    definition: () => ListDefinition<Row>,
    given: unknown,
): Promise<readonly Row[]> {
    try {
        refuseUnset(given);
        const asked = loadListRows().listLookUp(definition(), given);
        return await loadProgramLookup().lookUpInCloud(asked, runtime.allConfig(), {
            // Each operation has its own monitor, also if one process runs several programs.
            key: runtime.getMonitor(),
            warn: (text) => void log.warn(text),
        });
    } catch (error) {
        throw new RunError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
}

/** As for a resource: a criterion that says nothing would make the rule match more. */
function refuseUnset(given: unknown): void {
    const unset = typeof given === "object" && given !== null && "matching" in given ? emptyValues(given.matching) : [];
    if (unset.length > 0) {
        throw new Error(`${unset.join("; ")}: give it a value or leave it out`);
    }
}

function loadListRows(): typeof import("../../provider/matching/list-rows") {
    return require("../../provider/matching/list-rows");
}

function loadProgramLookup(): typeof import("../../provider/dynamic/program-lookup") {
    return require("../../provider/dynamic/program-lookup");
}
