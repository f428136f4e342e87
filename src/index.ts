import "./requires-node";

export type { DeletionArgs, PlaceArgs, RunArgs, When } from "./resources/arguments";
export * as clouddc from "./resources/clouddc";
export type { ListArgs } from "./resources/lists";
export * as metastudio from "./resources/metastudio";
export type { FailureCause, JobOutput, OutcomeCounts, PlaceSource, ResolvedPlace } from "./resources/outputs";
export * as roma from "./resources/roma";
export * as vias from "./resources/vias";
export * as workspaceapp from "./resources/workspaceapp";
