import { CheckFailure, type CheckRequest, CheckResponse } from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { configurationProblem, NAMESPACE } from "../../cloud/settings/known";
import type { StackConfiguration } from "../../cloud/settings/settings";
import { isUnknown } from "../inputs/unknowns";
import { unwrap } from "./wire";

/** What the engine itself puts among a provider's inputs. */
const ENGINES_OWN: ReadonlySet<string> = new Set(["version", "pluginDownloadURL", "pluginChecksums"]);

/** The provider's configuration: the keys that stack configuration has, without their namespace. */
export class Configuration {
    private current: StackConfiguration = {};

    constructor(private readonly services: readonly string[]) {}

    get settings(): StackConfiguration {
        return this.current;
    }

    set(args: Struct | undefined): void {
        this.current = settingsOf(args);
    }

    check(request: CheckRequest): CheckResponse {
        const answer = new CheckResponse();
        answer.setInputs(request.getNews());
        const problem = configurationProblem(settingsOf(request.getNews()), this.services);
        if (problem !== undefined) {
            const failure = new CheckFailure();
            failure.setReason(problem);
            answer.addFailures(failure);
        }
        return answer;
    }
}

/** Values that are not known yet are left out: they arrive before anything is sent. */
function settingsOf(args: Struct | undefined): StackConfiguration {
    const settings: Record<string, string> = {};
    for (const [name, value] of Object.entries(unwrap(args).properties)) {
        if (typeof value === "string" && !isUnknown(value) && !name.startsWith("__") && !ENGINES_OWN.has(name)) {
            settings[`${NAMESPACE}${name}`] = value;
        }
    }
    return settings;
}
