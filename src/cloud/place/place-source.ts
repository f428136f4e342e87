/** Where a region or a project id came from. */
export interface PlaceSource {
    /** "lookUp": IAM gave the id of the project of this name. */
    readonly kind: "argument" | "environment" | "configuration" | "profile" | "lookUp";
    /** The name of the argument, variable, key of stack configuration, profile, or looked-up project. */
    readonly name: string;
}

/** A place, and where region and project came from. */
interface SourcedPlace {
    readonly region: string;
    readonly projectId: string;
    readonly regionFrom?: PlaceSource;
    readonly projectFrom?: PlaceSource;
}

/** "HW_REGION_NAME". `source` is undefined if an earlier release did not record it. */
export function sourceText(source: PlaceSource | undefined): string {
    switch (source?.kind) {
        case "argument":
            return `the argument ${source.name}`;
        case "environment":
            return source.name;
        case "configuration":
            return `stack configuration ${source.name}`;
        case "profile":
            return `profile ${JSON.stringify(source.name)}`;
        case "lookUp":
            return `the project named ${source.name}`;
        case undefined:
            return "where from was not recorded";
    }
}

/** `region cn-north-4 (HW_REGION_NAME), project 0123 (the project named cn-north-4)` */
export function placeText({ region, projectId, regionFrom, projectFrom }: SourcedPlace): string {
    const origin = (source: PlaceSource | undefined) => (source === undefined ? "" : ` (${sourceText(source)})`);
    return `region ${region}${origin(regionFrom)}, project ${projectId}${origin(projectFrom)}`;
}
