/**
 * A VIAS batch task from its creation to its deletion: all that the provider uses. The requests, the meaning of the error codes and the
 * poll loops stay in this folder.
 */
export { batchTaskDeletion, vias } from "..";
export { childCountsOfBatch, findBatchTaskById, findBatchTaskByName } from "../api";
export type { BatchTask } from "../types";
export { type Applied, applyBody } from "./apply-body";
export { type BatchTaskBody, batchTaskBody } from "./body";
export { batchTaskId, failedChildren } from "./calls";
export { type ChildCounts, childCounts, childCountsText, notCreated } from "./child-counts";
export type { ChildFailure } from "./child-failures";
export type { BatchTaskContext, Wait, Waiting, WorkContext } from "./context";
export { createByName } from "./creation";
export type { Goal } from "./goal";
export { inspectChildren, reconcileChildren } from "./reconcile-children";
