/**
 * A VIAS batch task from its creation to its deletion: all that the provider needs to know of it. What the cloud is asked, what its codes
 * mean and how often children are polled stays in this folder.
 */
export { batchTaskDeletion, vias } from "..";
export { childCountsOfBatch, findBatchTaskById } from "../api";
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
