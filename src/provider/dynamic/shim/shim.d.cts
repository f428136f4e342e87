import type { dynamic } from "@pulumi/pulumi";

/**
 * All of our code that a stack's state ever holds. One object serves all resources: the serializer caches per object.
 *
 * What `pulumi-huaweicloud-batch/provider` has to export for it, in every release to come:
 *
 * - `configure(config: dynamic.Config): Promise<void> | void`: must only store, synchronously: the engine's host does not wait for it
 *   before it calls other hooks, and forgets its failure.
 * - `check(olds: inputs, news: inputs): Promise<dynamic.CheckResult>`
 * - `diff(id: string, olds: outputs, news: inputs): Promise<dynamic.DiffResult>`
 * - `create(inputs): Promise<dynamic.CreateResult>`
 * - `read(id: string, props: outputs): Promise<dynamic.ReadResult>`
 * - `update(id: string, olds: outputs, news: inputs): Promise<dynamic.UpdateResult>`
 * - `remove(id: string, props: outputs): Promise<void>`
 *
 * Inputs and outputs hold `__provider` (this text), `__resource` and `__urn`.
 */
export declare const provider: dynamic.ResourceProvider;
