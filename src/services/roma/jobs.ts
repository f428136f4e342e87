import * as z from "zod";
import type { Job, JobState, JobTimes, Problem } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import { firstFew } from "../../util/first-few";
import { clean } from "../../util/text";
import { readIfThere } from "../shared/failures";
import { idOf, reportedProblem, text } from "../shared/fields";
import { forEachLimit } from "../shared/inspection";
import { mayMeanThereIsNone } from "./api";

const CONCURRENT_READS = 48;

/** A string; in the pages of 2022 a number. */
const time = z
    .union([z.string(), z.number()])
    .transform((value) => clean(String(value)))
    .optional()
    .catch(undefined);

/** The answer to DeleteAsset. A job that can't be asked for is none. */
export const acceptedAnswer = z
    .object({ job_id: idOf("a job", 128).optional().catch(undefined) })
    .transform((body) => ({ job: body.job_id }));

const reason = z.object({ resource_type: text, resource_name: text, error_code: text, error_msg: text });
const reasons = z.array(reason.catch({})).catch([]);

/** The answer to CheckAssetJobStatus. `type` is not read: its value for deletions is not documented. */
const statusAnswer = z
    .object({
        status: z.string().catch("unknown"),
        // The page says `reason`, the SDKs say `reasons`.
        reason: reasons,
        reasons: reasons,
        progress_percent: z.number().optional().catch(undefined),
        begin_time: time,
        end_time: time,
    })
    .transform((body) => ({
        status: clean(body.status),
        reasons: [...body.reason, ...body.reasons],
        progress: body.progress_percent,
        times: {
            ...(body.begin_time === undefined ? {} : { begin: body.begin_time }),
            ...(body.end_time === undefined ? {} : { end: body.end_time }),
        } satisfies JobTimes,
    }));

type Status = z.output<typeof statusAnswer>;
type Reason = z.output<typeof reason>;

/** Spellings of the API's page, its examples and its older versions, in upper case. Any other status is no end. */
const ENDED_WELL: ReadonlySet<string> = new Set(["SUCCEEDED", "SUCCESS", "FINISHED"]);
const ENDED_BADLY: ReadonlySet<string> = new Set(["FAILED"]);

/** Names by key, as inspection saw them. */
type AssetNames = ReadonlyMap<string, string>;

/** A get for each: there is no list of asset jobs, and one job at a time. */
export async function pollJobs(
    client: CloudClient,
    instance: string,
    jobs: readonly Job[],
    names: AssetNames,
    signal: AbortSignal,
): Promise<ReadonlyMap<string, JobState>> {
    const states = new Map<string, JobState>();
    await forEachLimit(jobs, CONCURRENT_READS, async (job) => {
        const status = await readIfThere(
            client,
            {
                operation: "CheckAssetJobStatus",
                method: "GET",
                path: ["v2", client.place.projectId, "instances", instance, "assets", "jobs", job.id],
                effect: "reads",
                answer: statusAnswer,
            },
            mayMeanThereIsNone,
            signal,
        );
        states.set(job.id, status === undefined ? { is: "lost" } : jobState(job, status, names));
    });
    return states;
}

function jobState(job: Job, answer: Status, names: AssetNames): JobState {
    const { status, times } = answer;
    const spelled = status.trim().toUpperCase();
    const well = ENDED_WELL.has(spelled);
    if (!well && !ENDED_BADLY.has(spelled)) {
        return {
            is: "running",
            status,
            times,
            ...(answer.progress === undefined ? {} : { progress: Math.min(1, Math.max(0, answer.progress)) }),
        };
    }
    const failed = new Map<string, Problem>();
    const unplaced: Reason[] = [];
    for (const given of answer.reasons) {
        const key = keyNamed(given, job, names);
        if (key === undefined) {
            unplaced.push(given);
        } else {
            failed.set(key, failureOf(given));
        }
    }
    // A job names at most ten: what a FAILED one does not name may have failed as well.
    const sure = well && unplaced.length === 0;
    const problem = well && sure ? undefined : generalProblem(status, unplaced);
    return {
        is: "ended",
        status,
        well: well && answer.reasons.length === 0,
        times,
        reportedDone: new Set(sure ? job.targets.filter((key) => !failed.has(key)) : []),
        failed,
        ...(problem === undefined ? {} : { problem }),
    };
}

const KINDS: Readonly<Record<string, string>> = { application: "app:", task: "task:" };

/** The one target of the job that bears the name; none where two do. */
function keyNamed(given: Reason, job: Job, names: AssetNames): string | undefined {
    if (given.resource_name === undefined) {
        return undefined;
    }
    const kind = KINDS[given.resource_type?.toLowerCase() ?? ""] ?? "";
    const bearers = job.targets.filter((key) => key.startsWith(kind) && names.get(key) === given.resource_name);
    return bearers.length === 1 ? bearers[0] : undefined;
}

function failureOf(given: Reason): Problem {
    return reportedProblem(given.error_code, given.error_msg, {
        code: "AssetJobFailed",
        message: "the asset job failed for it and does not say why",
    });
}

function generalProblem(status: string, unplaced: readonly Reason[]): Problem {
    const texts = unplaced.map((given) => {
        const { code, message } = failureOf(given);
        return `${given.resource_name === undefined ? "" : `"${given.resource_name}" `}${code}: ${message}`;
    });
    const code = unplaced[0] === undefined ? "AssetJobFailed" : failureOf(unplaced[0]).code;
    const message = `the asset job ended ${status}`;
    return { code, message: texts.length === 0 ? message : `${message}: ${firstFew(texts, 3)}` };
}
