import { configurationCredentials, environmentCredentials } from "../auth/credentials";
import type { Place } from "../call";
import type { Environment, StackConfiguration } from "../settings/settings";
import { givenPlace } from "./place";
import { sourceText } from "./place-source";
import { type ReadFile, readProfile } from "./profile";

export interface PlaceChangeSources {
    readonly env: Environment;
    readonly config: StackConfiguration;
    readonly homeDir: string;
    readonly readFile: ReadFile;
}

/**
 * Describes how environment, stack configuration or profile now set another place than the stored one; undefined if they set the same
 * place or none. Sends no request. A part of the place that an argument gave or gives is not compared.
 */
export async function placeChange(
    stored: Place,
    given: { readonly region: boolean; readonly projectId: boolean },
    { env, config, homeDir, readFile }: PlaceChangeSources,
): Promise<string | undefined> {
    const isSetOutside = (kind: string | undefined, byArgument: boolean) => !byArgument && kind !== "argument";
    const regionIsSetOutside = isSetOutside(stored.regionFrom?.kind, given.region);
    const projectIsSetOutside = isSetOutside(stored.projectFrom?.kind, given.projectId);
    if (!regionIsSetOutside && !projectIsSetOutside) {
        return undefined;
    }
    const byKeys =
        stored.profile === undefined && (environmentCredentials(env) ?? configurationCredentials(config)) !== undefined;
    const profile = byKeys ? undefined : await readProfile(stored.profile, env, homeDir, readFile);
    const now = givenPlace({
        region: regionIsSetOutside ? undefined : stored.region,
        projectId: undefined,
        env,
        config,
        profile,
        profileAlone: stored.profile !== undefined,
    });
    if (now.region !== stored.region) {
        const from = `${stored.region} (${sourceText(stored.regionFrom)})`;
        return `the stored region is ${from}, and ${sourceText(now.regionFrom)} now says ${now.region}`;
    }
    if (!projectIsSetOutside) {
        return undefined;
    }
    const { project } = now;
    const from = `${stored.projectId} (${sourceText(stored.projectFrom)})`;
    if (project.is === "known") {
        return project.id === stored.projectId
            ? undefined
            : `the stored project is ${from}, and ${sourceText(project.from)} now says ${project.id}`;
    }
    const { projectFrom } = stored;
    return projectFrom?.kind === "lookUp" && projectFrom.name !== project.name
        ? `the stored project is ${from}, and the project named ${project.name} is asked for now`
        : undefined;
}
