import type { Place } from "../../cloud/call";
import type { TargetSetDefinition } from "../../services/definition";
import type { Properties } from "../hooks";
import type { Selection } from "../matching/select";
import { whereText } from "./missing";

/** `27 image servers match now, 3 more are kept; …; keep list: 12 rules` */
export function countLine(
    { noun: [one, many] }: TargetSetDefinition,
    { keys, kept, mayNotShow }: Selection,
    guardText?: string,
): string {
    const { length: count } = keys;
    const matching = count === 1 ? `1 ${one} matches now` : `${count} ${many} match now`;
    const keeping = kept === 0 ? "" : `, ${kept} more ${kept === 1 ? "is" : "are"} kept`;
    return [`${matching}${keeping}`, mayNotShow, guardText].filter((part) => part !== undefined).join("; ");
}

/** A look that found nothing to act on, and where it looked. */
export interface EmptyLook {
    readonly selection: Selection;
    readonly properties: Properties;
    readonly place: Place;
}

/** `Workspace APP image servers: the list shows none at all, in region … (…), project … (…)`. In a wrong place it is like that. */
export function noneListedLine(definition: TargetSetDefinition, { properties, place }: EmptyLook): string {
    const { service, noun } = definition;
    return `${service.title} ${noun[1]}: the list shows none at all, in ${whereText(definition, place, properties)}`;
}

/** `Workspace APP image servers: none of the 40 in the list matches, in region … (…), project … (…)` */
export function noneMatchesLine(definition: TargetSetDefinition, { selection, properties, place }: EmptyLook): string {
    const { service, noun } = definition;
    const { kept, listed } = selection;
    const few = listed === 1 ? "the one in the list does not match" : `none of the ${listed} in the list matches`;
    const all = kept === 1 ? "the one that matches is kept" : `all ${kept} that match are kept`;
    return `${service.title} ${noun[1]}: ${kept === 0 ? few : all}, in ${whereText(definition, place, properties)}`;
}
