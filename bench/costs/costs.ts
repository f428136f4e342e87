import type { Cost } from "./cost";

export const costs: readonly Cost[] = [];
