/** Where the targets live: resolved once, at create, and kept. */
export interface ResolvedPlace {
    region: string;
    projectId: string;
    profile?: string;
    /** Where the region came from: {"kind": "environment", "name": "HW_REGION_NAME"}. */
    regionFrom?: PlaceSource;
    projectFrom?: PlaceSource;
}

export interface PlaceSource {
    /** "lookUp": IAM gave the id of the project of this name. */
    kind: "argument" | "environment" | "configuration" | "profile" | "lookUp";
    /** The argument, the variable, the key of stack configuration, the profile; the project that was looked up. */
    name: string;
}

/** The number of targets by outcome; each target of a run has exactly one outcome. */
export interface OutcomeCounts {
    /** Submitted in this run, and gone. */
    deleted: number;
    /** Gone without a submit of this run. */
    alreadyGone: number;
    /** Done by this run, for actions that do not delete. */
    done: number;
    alreadyDone: number;
    failed: number;
    /** The deadline came first. */
    unknown: number;
}

/** Why several targets failed. */
export interface FailureCause {
    /** The cloud's code. */
    code: string;
    /** The cloud's message. */
    message: string;
    /** Of the first request that got this answer, if the cloud gives one. */
    requestId?: string;
    /** "app" or "task", for ROMA assets. */
    kind?: string;
    /** How many targets failed with this cause. */
    count: number;
    /** The first 20 ids. */
    ids: string[];
}

export interface JobOutput {
    id: string;
    requestIds: string[];
    status: string;
    /** As the cloud prints it. */
    begin?: string;
    end?: string;
}
