import type { Connection, PlaceRequest } from "../cloud/cloud";
import type { Clock, Random } from "../util/clock";
import type { GuardLists } from "./guards/guard-lists";
import type { Ownership } from "./ownership/ownership";
import type { Progress } from "./report/progress";
import type { ReportFile } from "./report/record/report-file";
import type { ProcessSecrets } from "./report/secret-words";
import type { Sessions } from "./sessions";
import type { Throttling } from "./throttling";

/** What the hooks of all resources share in one process. All of it comes from outside, so that tests bring their own. */
export interface ProcessContext {
    readonly clock: Clock;
    readonly random: Random;
    readonly sessions: Sessions;
    readonly ownership: Ownership;
    /** Resolves place and identity, with the stack configuration of this process. */
    readonly connect: (request: PlaceRequest, signal: AbortSignal) => Promise<Connection>;
    readonly throttling: Throttling;
    /**
     * What alone may be sent, and what never; read once. Ask for it before anything is sent for a resource: it rejects where a list is
     * given and can't be used.
     */
    readonly guardLists: () => Promise<GuardLists>;
    /** The random part of a resource's id. */
    readonly newId: () => string;

    // Hooks have these from the context of their call.

    /** The one variable that hooks read: the others hold credentials, and only cloud/ reads those. */
    readonly env: { readonly HUAWEICLOUD_BATCH_TIMEOUT?: string | undefined };
    readonly progress: Progress;
    /** Missing where no report is asked for. */
    readonly report?: ReportFile | undefined;
    /** Hears of what each call must not show. Missing where nothing is said of no single call. */
    readonly secrets?: ProcessSecrets | undefined;
    /** Aborts when the engine cancels the operation. */
    readonly cancelled: AbortSignal;
}

/** What hooks get of it. */
export type HooksContext = Omit<ProcessContext, "env" | "progress" | "report" | "secrets" | "cancelled">;
