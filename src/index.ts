import "./util/requires-node";

export * as clouddc from "./resources/clouddc";
export * as metastudio from "./resources/metastudio";
export * as roma from "./resources/roma";
export type { DeletionArgs, PlaceArgs, RunArgs, When } from "./resources/shared/arguments";
export type { ListArgs } from "./resources/shared/list-types";
export type { FailureCause, JobOutput, OutcomeCounts, PlaceSource, ResolvedPlace } from "./resources/shared/outputs";
export * as vias from "./resources/vias";
export * as workspaceapp from "./resources/workspaceapp";
