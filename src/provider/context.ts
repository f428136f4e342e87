import type { Connection, PlaceRequest } from "../cloud/cloud";
import type { Clock, Random } from "../util/clock";
import type { EngineWatch } from "./engine-watch";
import type { Ownership } from "./ownership/ownership";
import type { Progress } from "./report/progress";
import type { Sessions } from "./sessions";

/** What the hooks of all resources have around them, in one process. All of it comes from outside, so that tests bring their own. */
export interface ProcessContext {
    readonly clock: Clock;
    readonly random: Random;
    /** The one variable that hooks read: the others hold credentials, which are the cloud's alone to know. */
    readonly env: { readonly HUAWEICLOUD_BATCH_TIMEOUT?: string | undefined };
    readonly progress: Progress;
    readonly engine: EngineWatch;
    /** Aborts when the engine cancels the operation. */
    readonly cancelled: AbortSignal;
    readonly sessions: Sessions;
    readonly ownership: Ownership;
    /** Resolves place and identity, with the stack configuration of this process. */
    readonly connect: (wish: PlaceRequest, signal: AbortSignal) => Promise<Connection>;
    /** The random part of a resource's id. */
    readonly newId: () => string;
}
