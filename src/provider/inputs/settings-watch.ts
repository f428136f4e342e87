import { configurationProblem, unknownVariables } from "../../cloud/settings/known";
import type { Environment, StackConfiguration } from "../../cloud/settings/settings";

/** Reports settings that nothing reads: as an error where the user can correct them, else as a warning, once in a process. */
export interface SettingsWatch {
    /** Call it when the program is seen to run: then the stack configuration is current. */
    programSeen(): void;
    /** For create and update. Throws. */
    refuseUnknown(): void;
    warn(of: "all" | "environment"): void;
}

export const noSettingsWatch: SettingsWatch = { programSeen: () => {}, refuseUnknown: () => {}, warn: () => {} };

export class UnknownSettings implements SettingsWatch {
    private readonly warned = new Set<string>();
    private isProgramSeen = false;
    private isRefusedInFull = false;

    constructor(
        private readonly env: Environment,
        private readonly services: readonly string[],
        private readonly configuration: () => StackConfiguration,
        private readonly warning: (text: string) => void,
    ) {}

    /**
     * "perhapsOfLastUp": destroy and refresh without the program get the stack configuration of the last `up`. A check of any resource
     * shows that the program runs.
     */
    get age(): "current" | "perhapsOfLastUp" {
        return this.isProgramSeen ? "current" : "perhapsOfLastUp";
    }

    programSeen(): void {
        this.isProgramSeen = true;
    }

    refuseUnknown(): void {
        // Each resource fails for it: the long list of known keys is in the first error of the process alone.
        const length = this.isRefusedInFull ? "short" : "full";
        const problem = configurationProblem(this.configuration(), this.services, length);
        if (problem !== undefined) {
            this.isRefusedInFull = true;
            throw new Error(`${problem}; nothing was sent`);
        }
    }

    warn(of: "all" | "environment"): void {
        const ofConfiguration = of === "all" ? configurationProblem(this.configuration(), this.services) : undefined;
        for (const text of [ofConfiguration, unknownVariables(this.env, this.services)]) {
            if (text !== undefined && !this.warned.has(text)) {
                this.warned.add(text);
                this.warning(text);
            }
        }
    }
}
