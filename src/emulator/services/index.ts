import type { EmulatedService } from "../service";
import { iam } from "./iam";
import { roma } from "./roma";
import { workspaceapp } from "./workspaceapp";

/** Every service of the emulator. A new one is a file beside this one and a line here. */
export const services: readonly EmulatedService[] = [iam, roma, workspaceapp];
