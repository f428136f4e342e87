/** Why an object left the world: the audit log is checked against it. */
export interface Tombstone {
    readonly service: string;
    readonly kind: string;
    readonly project: string;
    readonly id: string;
    /** World time in milliseconds. */
    readonly at: number;
    /** The job, the operation, or "control" that removed it. */
    readonly by: string;
}

/** What was asked for, for whoever checks afterwards what a client did. */
export interface SubmitRecord {
    readonly service: string;
    readonly operation: string;
    readonly requestId: string;
    readonly project: string;
    /** World time in milliseconds. */
    readonly at: number;
    /** Ids that the call asked to act on, as sent, known or not. */
    readonly ids: readonly string[];
    /** Set once the service took the call; a refused one stays false. */
    accepted: boolean;
    /** The job that came of it; null if none did. */
    job: string | null;
}

/** A target submitted again while its deletion was already under way. */
export interface DoubleSubmission {
    readonly service: string;
    readonly operation: string;
    readonly requestId: string;
    readonly id: string;
    readonly at: number;
}

/** What the log needs of a call. */
export interface AuditedCall {
    readonly world: { now(): number };
    readonly service: string;
    readonly operation: string;
    readonly requestId: string;
    readonly project: string;
}

export class AuditLog {
    readonly submissions: SubmitRecord[] = [];
    readonly doubleSubmissions: DoubleSubmission[] = [];
    /** service → operation → HTTP status → requests. */
    readonly requests: Record<string, Record<string, Record<string, number>>> = {};

    /** Enters a submission before it is judged; whoever accepts it says so in the entry. */
    open(call: AuditedCall, ids: readonly string[]): SubmitRecord {
        const { world, service, operation, requestId, project } = call;
        const entry = { service, operation, requestId, project, at: world.now(), ids, accepted: false, job: null };
        this.submissions.push(entry);
        return entry;
    }

    /** Notes that the deletion of a target is asked for while it is under way already, or over. */
    submittedAgain({ world, service, operation, requestId }: AuditedCall, id: string): void {
        this.doubleSubmissions.push({ service, operation, requestId, id, at: world.now() });
    }

    countRequest(service: string, operation: string, status: string): void {
        this.requests[service] ??= {};
        const operations = this.requests[service];
        operations[operation] ??= {};
        const statuses = operations[operation];
        statuses[status] = (statuses[status] ?? 0) + 1;
    }
}
