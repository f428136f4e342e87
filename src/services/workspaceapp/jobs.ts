import type { BatchApi, Job, JobState } from "../../batch/api";
import type { CloudClient } from "../../cloud/call";
import { forEachLimit } from "../shared/inspection";
import { type JobShown, type ListedStatus, PAGE_SIZE, readJob, readJobs, readSubJobs } from "./job-api";
import { endedState, endedWellState, hasEnded, resultsOf, runningState } from "./job-states";

const CONCURRENT_READS = 48;
/** From so many jobs that ended at once, a page that shows them costs less than their gets. */
const MANY_ENDED = 3;

/**
 * Polls in as few calls as can be. As long as one page of the whole list has all the jobs, that page shows in one call which
 * jobs go on and which have ended. Old jobs may fill it, for list order and retention are not documented. Then the list of the
 * running jobs shows most of them, the list of the waiting jobs those that have not begun, and a get each job that is in
 * neither: that a job is in no list never proves that it has ended.
 */
export function jobPoller(client: CloudClient): NonNullable<BatchApi["poll"]> {
    const poller = new ImageJobPoller(client);
    return (jobs, signal) => poller.poll(jobs, signal);
}

/** What the pages of the jobs that ended well were good for in one poll; "vain": they showed none that was polled. */
type EndedPages = "unread" | "helpful" | "vain";

/** One poll: the jobs whose states are not known yet, and the states of the others. */
class Round {
    readonly open: Map<string, Job>;
    readonly states = new Map<string, JobState>();

    constructor(
        jobs: readonly Job[],
        readonly signal: AbortSignal,
    ) {
        this.open = new Map(jobs.map((job) => [job.id, job]));
    }

    record(id: string, state: JobState): void {
        if (this.open.delete(id)) {
            this.states.set(id, state);
        }
    }
}

class ImageJobPoller {
    /** The page of the whole list has left out no job yet: once it has, it is not read again. */
    private onePageHasAll = true;
    /** The pages of the ended jobs have not been read in vain yet: once they have, they are not read again. */
    private endedPagesHelp = true;
    /** Jobs that were seen running: they are never among the waiting ones again. */
    private readonly begun = new Set<string>();

    constructor(private readonly client: CloudClient) {}

    async poll(jobs: readonly Job[], signal: AbortSignal): Promise<ReadonlyMap<string, JobState>> {
        const round = new Round(jobs, signal);
        const inDetail = jobs.some((job) => job.inDetail);
        // For a single job a get never costs more than a list.
        const endedPages = inDetail || round.open.size <= 1 ? "unread" : await this.readLists(round, jobs.length);
        await this.getEach(round, endedPages);
        for (const [id, state] of round.states) {
            if (state.is !== "running") {
                this.begun.delete(id);
            }
        }
        return round.states;
    }

    private async readLists(round: Round, jobs: number): Promise<EndedPages> {
        if (this.onePageHasAll && jobs <= PAGE_SIZE) {
            await this.readOnePage(round);
            // For the two jobs that are left, two gets cost no more than two lists.
            if (this.onePageHasAll || round.open.size <= 2) {
                return "unread";
            }
        }
        return this.readByStatus(round);
    }

    private async readOnePage(round: Round): Promise<void> {
        const { total, items } = await readJobs(this.client, undefined, 0, round.signal);
        for (const shown of items) {
            this.recordRunning(round, shown);
        }
        const ended = items.filter(({ id }) => round.open.has(id));
        this.onePageHasAll = ended.length === round.open.size || total <= PAGE_SIZE;
        // Of few, gets are worth their cost: they tell what became of each target.
        if (ended.length >= MANY_ENDED) {
            for (const shown of ended) {
                recordEndedWell(round, shown);
            }
        }
    }

    private async readByStatus(round: Round): Promise<EndedPages> {
        const recordRunning = (shown: JobShown) => this.recordRunning(round, shown);
        await this.readPages(round, "RUNNING", recordRunning);
        if ([...round.open.keys()].filter((id) => !this.begun.has(id)).length > 1) {
            await this.readPages(round, "WAITING", recordRunning);
        }
        if (round.open.size < MANY_ENDED || !this.endedPagesHelp) {
            return "unread";
        }
        const before = round.open.size;
        await this.readPages(round, "SUCCESS", (shown) => recordEndedWell(round, shown));
        return round.open.size < before ? "helpful" : "vain";
    }

    /** The list of the jobs in one state: its first page, and the others if they are fewer than the gets they save. */
    private async readPages(round: Round, status: ListedStatus, record: (shown: JobShown) => void): Promise<void> {
        const readPage = async (offset: number) => {
            const page = await readJobs(this.client, status, offset, round.signal);
            page.items.forEach(record);
            return page;
        };
        const first = await readPage(0);
        const left = Math.ceil((first.total - PAGE_SIZE) / PAGE_SIZE);
        if (left > 0 && first.items.length > 0 && round.open.size > left) {
            const offsets = Array.from({ length: left }, (_, n) => (n + 1) * PAGE_SIZE);
            await forEachLimit(offsets, CONCURRENT_READS, async (offset) => {
                await readPage(offset);
            });
        }
    }

    /** Each job that no list has shown. */
    private async getEach(round: Round, endedPages: EndedPages): Promise<void> {
        await forEachLimit([...round.open.values()], CONCURRENT_READS, async (job) => {
            const state = await getJob(this.client, job, round.signal);
            round.record(job.id, state);
            // Only a job that ended well should have been on those pages: one that has just begun is in no list either.
            if (endedPages === "vain" && state.is === "ended" && state.well) {
                this.endedPagesHelp = false;
            }
        });
    }

    private recordRunning(round: Round, shown: JobShown): void {
        // A job may end while its page is made: its get tells more.
        if (!round.open.has(shown.id) || hasEnded(shown.status)) {
            return;
        }
        if (shown.status.toUpperCase() === "RUNNING") {
            this.begun.add(shown.id);
        }
        round.record(shown.id, runningState(shown));
    }
}

function recordEndedWell(round: Round, shown: JobShown): void {
    const job = round.open.get(shown.id);
    if (job !== undefined && shown.status.toUpperCase() === "SUCCESS") {
        round.record(shown.id, endedWellState(shown, new Set(job.targets), new Map()));
    }
}

async function getJob(client: CloudClient, asked: Job, signal: AbortSignal): Promise<JobState> {
    const shown = await readJob(client, asked.id, signal);
    if (shown === undefined) {
        return { is: "lost" };
    }
    const given = shown.sub_jobs ?? [];
    const isWhole = given.length >= (shown.sub_jobs_total ?? given.length);
    const wanted = hasEnded(shown.status) || asked.inDetail === true;
    const subJobs = wanted && !isWhole ? await readSubJobs(client, asked.id, given, signal) : given;
    return hasEnded(shown.status)
        ? endedState(shown, asked, subJobs)
        : runningState(shown, resultsOf(subJobs, asked).failed);
}
