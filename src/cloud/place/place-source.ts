/** Where a region or a project id came from. */
export interface PlaceSource {
    /** "lookUp": IAM told the id of the project of this name. */
    readonly kind: "argument" | "environment" | "configuration" | "profile" | "lookUp";
    /** The argument, the variable, the key of stack configuration, the profile; the project that was looked up. */
    readonly name: string;
}

/** Of a place: what it is called, and who said so. */
interface SourcedPlace {
    readonly region: string;
    readonly projectId: string;
    readonly regionFrom?: PlaceSource;
    readonly projectFrom?: PlaceSource;
}

/** "HW_REGION_NAME"; undefined: an earlier release did not record it. */
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
