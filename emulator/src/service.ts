import type { Refusal } from "./gateway/refusal";
import type { Route } from "./gateway/route";
import type { AgendaEvent } from "./world/agenda";
import type { SeedableKind } from "./world/kind";
import type { Spoilable } from "./world/outcomes";
import type { ChangeableSettings, Durations } from "./world/settings";
import type { World } from "./world/world";

/** How one service words its errors. */
export interface ErrorShape {
    body(refusal: Refusal, requestId: string): unknown;
    /** A query or body that does not fit; `problem` is one line. */
    invalid(problem: string): Refusal;
    /** No body where one is needed; `invalid` if left out. */
    emptyBody?(): Refusal;
    /** A known path with another method; the gateway's 404 APIGW.0101 if left out. */
    methodNotAllowed?(method: string): Refusal;
    /** A path that is below the service's own but none of its routes; the gateway's 404 APIGW.0101 if undefined. */
    unknownPath?(path: string): Refusal | undefined;
    /** The service's own way to say 401; the gateway's APIGW.0301 if left out. `suffix` is the gateway's wording. */
    notAuthenticated?(suffix: string, world: World): Refusal;
    /** A token of one project used on another; the gateway's 403 APIGW.0310 if left out. */
    projectMismatch?(): Refusal;
}

/** One cloud service: everything about it is in one file below services/, plus its line in services/index.ts. */
export interface EmulatedService {
    /** As in the control API and in the design's namespaces: "workspaceapp". */
    readonly name: string;
    readonly errors: ErrorShape;
    readonly routes: readonly Route[];
    readonly kinds: readonly SeedableKind[];
    readonly settings: ChangeableSettings;
    readonly durations: Durations<string>;
    /** The processes that outcome faults can spoil, by name. */
    readonly processes: Readonly<Record<string, Spoilable>>;
    /** What happens when an event that the service planned is due, by event name. */
    readonly events: Readonly<Record<string, (world: World, event: AgendaEvent) => void>>;
    /** Fills a new world with what no documented call can make. Returns the shell variables that a user needs for it. */
    furnish?(world: World): Readonly<Record<string, string>>;
}
