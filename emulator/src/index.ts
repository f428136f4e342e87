/** The cloud on this machine: see README.md beside this file. */
export {
    controlClient,
    type EmulatorAuditLog,
    type EmulatorControl,
    type EmulatorObjects,
    type EmulatorState,
    type ReceivedByEmulator,
} from "./control/client";
export { ControlProblem } from "./control/problem";
export type { ClockChange, ObjectChange, ObjectRemoval, Seed, Snapshot } from "./control/schemas";
export { readSeed } from "./control/seed";
export { createEmulator, type Emulator, type EmulatorOptions } from "./emulator";
export { type BrokenAnswer, EmulatedNetworkFault, type NetworkFaultKind } from "./gateway/faults";
export { HOME_PROJECT_ID, HOME_REGION, projectIdOf, REGIONS } from "./identity/places";
export { type ServedEmulator, type ServedEmulatorOptions, startEmulator } from "./server";
export { type Random, seededRandom } from "./world/random";
