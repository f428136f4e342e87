import {
    type Environment,
    fromConfiguration,
    fromEnvironment,
    misconfigured,
    requireProjectId,
    requireRegion,
    requireTidy,
    type Setting,
    type StackConfiguration,
} from "../settings/settings";
import type { PlaceSource } from "./place-source";

/** The sources of a region and a project id. `profile`: the source of the credentials, if that is a profile. */
export interface PlaceSources {
    readonly region: string | undefined;
    readonly projectId: string | undefined;
    readonly env: Environment;
    readonly config: StackConfiguration;
    readonly profile:
        | { readonly name: string; readonly region: Setting | undefined; readonly projectId: Setting | undefined }
        | undefined;
    /** Whether the profile was named explicitly: then it comes before environment and configuration, which may be for another account. */
    readonly profileAlone: boolean;
}

/** A region and its project, which is known or has to be looked up by name. */
export interface GivenPlace {
    readonly region: string;
    readonly regionFrom: PlaceSource;
    readonly project:
        | { readonly is: "known"; readonly id: string; readonly from: PlaceSource }
        | { readonly is: "named"; readonly name: string };
}

const REGIONS = ["HW_REGION_NAME", "OS_REGION_NAME", "HUAWEI_CLOUD_REGION"];

/**
 * The region and project that the sources give. A project id belongs to one region. If its source also gives a region, and that is not
 * the region in use (an argument names cn-east-3, the environment cn-north-4), the id would make live targets look gone. Such an id is not
 * used: the project is looked up.
 */
export function givenPlace(sources: PlaceSources): GivenPlace {
    const { env, config, profile, profileAlone } = sources;
    const argument = sources.region === undefined ? undefined : { value: sources.region, name: "region" };
    const environment = fromEnvironment(env, REGIONS);
    const configured = fromConfiguration(config, "region");
    const inProfile = from("profile", profile?.region, profile?.name);
    const outside = from("environment", environment) ?? from("configuration", configured);
    const found = from("argument", argument) ?? (profileAlone ? (inProfile ?? outside) : (outside ?? inProfile));
    if (found === undefined) {
        throw misconfigured(
            "RegionMissing",
            `no region: give the argument region, or set ${REGIONS.join(", ")} or huaweicloud-batch:region, or a region in the KooCLI profile`,
        );
    }
    const region = requireRegion(found.setting);
    const known = (kind: PlaceSource["kind"], id: Setting, name = id.name): GivenPlace => ({
        region,
        regionFrom: found.source,
        project: { is: "known", id: requireProjectId(id), from: { kind, name } },
    });
    if (sources.projectId !== undefined) {
        return known("argument", { value: sources.projectId, name: "projectId" });
    }
    const goesWith = (home: Setting | undefined) =>
        home === undefined ? argument === undefined : home.value === region;
    const idInEnv = profileAlone ? undefined : environmentProjectId(env);
    if (idInEnv !== undefined && goesWith(idInEnv.region ?? environment)) {
        return known("environment", idInEnv.id);
    }
    const idInConfig = profileAlone ? undefined : fromConfiguration(config, "projectId");
    if (idInConfig !== undefined && goesWith(configured)) {
        return known("configuration", idInConfig);
    }
    if (profile?.projectId !== undefined && goesWith(profile.region)) {
        return known("profile", profile.projectId, profile.name);
    }
    return { region, regionFrom: found.source, project: { is: "named", name: projectName(region, sources) } };
}

function from(kind: PlaceSource["kind"], setting: Setting | undefined, name = setting?.name) {
    return setting === undefined || name === undefined ? undefined : { setting, source: { kind, name } };
}

function environmentProjectId(env: Environment): { id: Setting; region: Setting | undefined } | undefined {
    for (const [ids, regions] of [
        [["HW_PROJECT_ID"], ["HW_REGION_NAME"]],
        [["OS_PROJECT_ID", "OS_TENANT_ID"], ["OS_REGION_NAME"]],
        [["HUAWEICLOUD_SDK_PROJECT_ID"], []],
        [["HUAWEI_CLOUD_PROJECT_ID"], ["HUAWEI_CLOUD_REGION"]],
    ] as const) {
        const id = fromEnvironment(env, ids);
        if (id !== undefined) {
            return { id, region: fromEnvironment(env, regions) };
        }
    }
    return undefined;
}

/** The name of the project to look up. A region's own project has the region's name; others are named `<region>_<name>`. */
function projectName(region: string, { region: argument, env, config, profileAlone }: PlaceSources): string {
    if (profileAlone) {
        return region;
    }
    const named =
        fromEnvironment(env, ["HW_PROJECT_NAME", "OS_PROJECT_NAME", "OS_TENANT_NAME"]) ??
        fromConfiguration(config, "projectName");
    if (named === undefined || named.value === region) {
        return region;
    }
    if (requireTidy(named).startsWith(`${region}_`)) {
        return named.value;
    }
    // With another region as argument, a project name of a region is not used: it is meant for that region. Any other name is an error.
    if (argument !== undefined && /^[a-z]{2,}(-[a-z0-9]+)+(_|$)/.test(named.value)) {
        return region;
    }
    throw misconfigured(
        "ProjectOfAnotherRegion",
        `${named.name} names no project of ${region}: their names are ${region} and ${region}_…; correct it, or give a project id`,
    );
}
