import type { EmulatedService } from "../service";
import { clouddc } from "./clouddc";
import { iam } from "./iam";
import { metastudio } from "./metastudio";
import { roma } from "./roma";
import { vias } from "./vias";
import { workspaceapp } from "./workspaceapp";

/** Every service of the emulator. A new one is a file beside this one and a line here. */
export const services: readonly EmulatedService[] = [clouddc, iam, metastudio, roma, vias, workspaceapp];
