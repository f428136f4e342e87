/** Where the targets live: resolved once, at create, and kept. */
export interface ResolvedPlace {
    region: string;
    projectId: string;
    profile?: string;
}

/** Targets by outcome; each target of a run has exactly one. */
export interface OutcomeCounts {
    /** Submitted in this run, and gone. */
    deleted: number;
    /** Gone without a submit of this run. */
    alreadyGone: number;
    /** For actions that do not delete: done by this run. */
    done: number;
    alreadyDone: number;
    failed: number;
    /** The deadline came first. */
    unknown: number;
}

export interface FailedTarget {
    id: string;
    /** "app" or "task", for ROMA assets. */
    kind?: string;
    /** The cloud's code. */
    code: string;
    message: string;
}

export interface JobOutput {
    id: string;
    requestIds: string[];
    status: string;
    /** As the cloud prints it. */
    begin?: string;
    end?: string;
}
