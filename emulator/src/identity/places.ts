import { createHash } from "node:crypto";

/** Regions that the services' endpoint tables name. */
export const REGIONS = [
    "af-north-1",
    "af-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "cn-east-2",
    "cn-east-3",
    "cn-east-5",
    "cn-north-1",
    "cn-north-4",
    "cn-north-9",
    "cn-north-11",
    "cn-south-1",
    "cn-southwest-2",
    "la-north-2",
    "la-south-2",
    "me-east-1",
    "ru-northwest-2",
    "sa-brazil-1",
    "tr-west-1",
] as const;

export const HOME_REGION = "cn-north-4";
export const HOME_PROJECT_ID = "0123456789abcdef0123456789abcdef";

/** Each region's project has an id of its own, the same in every emulator. */
export function projectIdOf(region: string): string {
    return region === HOME_REGION
        ? HOME_PROJECT_ID
        : createHash("sha256").update(`project of ${region}`).digest("hex").slice(0, 32);
}
