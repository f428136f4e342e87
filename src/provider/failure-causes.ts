import * as z from "zod";
import { lazily } from "../lazily";

/** Of one cause, as outputs keep them. */
const IDS_KEPT = 20;
const CAUSES_KEPT = 50;
const MESSAGE_SHOWN = 500;

/** What several targets failed of: in the cloud's words, with the first of them. */
export const failureCauseSchema = lazily(() =>
    z.object({
        code: z.string(),
        message: z.string(),
        /** Of the first request that it was said to. */
        requestId: z.string().exactOptional(),
        /** Where one resource has several kinds of targets. */
        kind: z.string().exactOptional(),
        count: z.number(),
        /** The first of them. */
        ids: z.array(z.string()),
    }),
);

export type FailureCause = z.infer<ReturnType<typeof failureCauseSchema>>;

export interface FailedOne {
    readonly id: string;
    readonly kind?: string | undefined;
    readonly code: string;
    readonly message: string;
    readonly requestId?: string | undefined;
}

/** Groups failures by their cause, one by one, however many there are. */
export class FailureCauses {
    private readonly causes = new Map<string, FailureCause>();
    private seen = 0;

    add({ id, kind, code, message, requestId }: FailedOne): void {
        this.seen += 1;
        const cause = JSON.stringify([kind, code, message]);
        const known = this.causes.get(cause);
        if (known !== undefined) {
            known.count += 1;
            if (known.ids.length < IDS_KEPT) {
                known.ids.push(id);
            }
        } else if (this.causes.size < CAUSES_KEPT) {
            this.causes.set(cause, {
                code,
                message: shortened(message),
                ...(requestId === undefined ? {} : { requestId }),
                ...(kind === undefined ? {} : { kind }),
                count: 1,
                ids: [id],
            });
        }
    }

    /** As outputs: the causes, and how many targets failed of others. */
    kept(): { failed: FailureCause[]; failedMore: number } {
        const failed = [...this.causes.values()];
        return { failed, failedMore: this.seen - failed.reduce((sum, { count }) => sum + count, 0) };
    }
}

/** A cloud may name hundreds of ids in one message; a state and a terminal have room for its beginning. */
export function shortened(message: string): string {
    return message.length > MESSAGE_SHOWN ? `${message.slice(0, MESSAGE_SHOWN)}…` : message;
}
