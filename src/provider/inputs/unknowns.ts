/** Of a text, and of a value whose type is not known either. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * The engine sends a marker string for a value that is not known yet, one per type: in preview, and where a dependency is deleted
 * before it is replaced (pulumi/pulumi pkg/resource/plugin/rpc.go).
 */
const markers: ReadonlySet<unknown> = new Set([
    UNKNOWN, // string
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
    "030794c1-ac77-496b-92df-f27374a8bd58", // asset
    "e48ece36-62e2-4504-bad9-02848725956a", // archive
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

export function isUnknown(value: unknown): boolean {
    return markers.has(value);
}

/** Whether the value, or anything inside it, is unknown. */
export function holdsUnknown(value: unknown): boolean {
    if (typeof value !== "object" || value === null) {
        return isUnknown(value);
    }
    return (Array.isArray(value) ? value : Object.values(value)).some(holdsUnknown);
}
