import type { OutcomeKind } from "../../../batch/outcome";

/** What the first line of a report file says of the format. A reader refuses a greater version. */
export const FORMAT = "pulumi-huaweicloud-batch-report";
export const FORMAT_VERSION = 1;

/** Keys in one line, at most. */
export const KEYS_IN_LINE = 100;
/** Of a message, and of a name. What is longer is cut. */
export const LONGEST_TEXT = 500;
/** Of what a hook failed with, which names its causes. */
export const LONGEST_ERROR = 4_000;

export type HookName = "create" | "read" | "update" | "delete";

/**
 * One line of a report file (NDJSON). `at`: ISO 8601, UTC. `call` numbers the hook calls of one process. A target is named by its key: its
 * id, or `<kind>:<id>` where the resource has several kinds; an id that the program marks secret is `#3 of 30`. Each line is bounded.
 */
export type ReportLine =
    /** The first line of each file. */
    | {
          readonly is: "process";
          readonly at: string;
          readonly format: typeof FORMAT;
          readonly version: number;
          readonly package: string;
          readonly pid: number;
      }
    | {
          readonly is: "hook";
          readonly at: string;
          readonly call: number;
          readonly hook: HookName;
          readonly urn: string;
          /** "workspaceapp:ImageServerBatchDeletion" */
          readonly resource: string;
      }
    | {
          readonly is: "place";
          readonly at: string;
          readonly call: number;
          readonly region: string;
          readonly projectId: string;
      }
    /** What is to be acted on; more may follow. `kinds`: what stands before a key, where there are several; else `noun` is the kind. */
    | {
          readonly is: "targets";
          readonly at: string;
          readonly call: number;
          readonly noun: string;
          readonly kinds: readonly string[];
          readonly keys: readonly string[];
      }
    | {
          readonly is: "named";
          readonly at: string;
          readonly call: number;
          readonly names: ReadonlyArray<readonly [key: string, name: string]>;
      }
    /** A thing that had no id yet, and has one now. */
    | {
          readonly is: "identified";
          readonly at: string;
          readonly call: number;
          readonly key: string;
          readonly id: string;
      }
    /** Written before each request that changes these, each try of it. */
    | {
          readonly is: "submitting";
          readonly at: string;
          readonly call: number;
          readonly operation: string;
          readonly keys: readonly string[];
      }
    /** The request was accepted, or perhaps was. */
    | {
          readonly is: "submitted";
          readonly at: string;
          readonly call: number;
          readonly keys: readonly string[];
          readonly job?: string;
          readonly requestId?: string;
      }
    | {
          readonly is: "jobEnded";
          readonly at: string;
          readonly call: number;
          readonly job: string;
          readonly status: string;
      }
    | {
          readonly is: "settled";
          readonly at: string;
          readonly call: number;
          readonly keys: readonly string[];
          readonly outcome: OutcomeKind;
          readonly code?: string;
          readonly message?: string;
          readonly requestId?: string;
          readonly job?: string;
      }
    /** What a look counted, by what it counts: `{"matching": 27, "kept": 2}`. */
    | {
          readonly is: "counted";
          readonly at: string;
          readonly call: number;
          readonly counts: Readonly<Record<string, number>>;
      }
    /** The hook has ended; `error`: what it failed with. */
    | { readonly is: "ended"; readonly at: string; readonly call: number; readonly error?: string };
