/** A tenant of the emulated cloud, of its own for each test, on a free port of this machine. */
import { setTimeout as sleep } from "node:timers/promises";
import {
    type EmulatorAuditLog,
    type EmulatorControl,
    type ReceivedByEmulator,
    type Seed,
    type ServedEmulator,
    startEmulator,
} from "../../emulator/src";

const open = new Set<Tenant>();

/** For afterEach. */
export async function closeTenants(): Promise<void> {
    await Promise.all([...open].map((tenant) => tenant.close()));
}

export class Tenant {
    /** Of the emulators that were killed: their snapshots do not hold it. */
    private readonly submissionsBefore: EmulatorAuditLog["submissions"] = [];
    private readonly doublesBefore: EmulatorAuditLog["doubleSubmissions"] = [];
    private readonly requestsBefore: ReceivedByEmulator[] = [];
    /** What each id that was added is called, whatever the emulator made of it: the same in each tenant that one story is told of. */
    private readonly names = new Map<string, string>();
    private additions = 0;

    private constructor(
        private emulator: ServedEmulator,
        private readonly speed: number,
    ) {}

    /** Twenty times faster than the real cloud unless another speed is given. */
    static async open({ seed, speed = 20 }: { readonly seed?: Seed; readonly speed?: number } = {}): Promise<Tenant> {
        const tenant = new Tenant(await startEmulator({ speed, ...(seed === undefined ? {} : { seed }) }), speed);
        open.add(tenant);
        return tenant;
    }

    get control(): EmulatorControl {
        return this.emulator.control;
    }

    /** The environment of a shell that works on this tenant. */
    get env(): Record<string, string> {
        return {
            HW_ACCESS_KEY: "emulator",
            HW_SECRET_KEY: "emulator",
            HW_REGION_NAME: "cn-north-4",
            HUAWEICLOUD_BATCH_ENDPOINT: this.emulator.url,
        };
    }

    /** So many alike; returns their ids. */
    async add(service: string, kind: string, count: number, template: Record<string, unknown> = {}): Promise<string[]> {
        if (count === 0) {
            return [];
        }
        this.additions += 1;
        const addition = `${kind}-${this.additions}`;
        const [ids = []] = await this.control.seed({ objects: [{ service, kind, count, template }] });
        for (const [n, id] of ids.toSorted().entries()) {
            this.names.set(id, `${addition}.${n}`);
        }
        return ids;
    }

    /** By its place in the order of the ids that were added with it. */
    nameOf(id: string): string | undefined {
        return this.names.get(id);
    }

    /** One object, as given and completed; returns its id. */
    async addOne(service: string, kind: string, object: Record<string, unknown>): Promise<string> {
        const [[id] = []] = await this.control.seed({ objects: [{ service, kind, objects: [object] }] });
        if (id === undefined) {
            throw new Error(`no ${kind} of ${service} was added`);
        }
        return id;
    }

    /** Ids of what is there now. */
    async ids(service: string, kind: string): Promise<string[]> {
        return (await this.control.objects(service, kind)).map(({ object }) => String(object.id));
    }

    /** What was asked for in batch requests so far: one list of ids for each request that was accepted. */
    async submitted(service: string): Promise<string[][]> {
        return (await this.submissions())
            .filter((submission) => submission.service === service && submission.accepted)
            .map(({ ids }) => ids);
    }

    /** Every batch request so far, accepted or not. */
    async submissions(): Promise<EmulatorAuditLog["submissions"]> {
        return [...this.submissionsBefore, ...(await this.control.auditLog()).submissions];
    }

    /** What was submitted again while its deletion was under way, in requests that were accepted: ROMA refuses a second job. */
    async doubles(): Promise<EmulatorAuditLog["doubleSubmissions"]> {
        const doubles = [...this.doublesBefore, ...(await this.control.auditLog()).doubleSubmissions];
        const submissions = await this.submissions();
        return doubles.filter(({ service, requestId }) => {
            const submission = submissions.find((each) => each.requestId === requestId);
            return service !== "roma" || submission === undefined || submission.accepted;
        });
    }

    /** The log of all requests so far. */
    async requests(): Promise<ReceivedByEmulator[]> {
        return [...this.requestsBefore, ...(await this.control.requests())];
    }

    /** Kills the emulator and starts it again at the same address, with its objects and jobs kept. */
    async restart(): Promise<void> {
        const { submissions, doubleSubmissions } = await this.control.auditLog();
        this.submissionsBefore.push(...submissions);
        this.doublesBefore.push(...doubleSubmissions);
        this.requestsBefore.push(...(await this.control.requests()));
        const snapshot = await this.control.snapshot();
        await this.emulator.close();
        // This process, too, has connections to the old one: it gets the time to notice that they are closed.
        await sleep(250);
        this.emulator = await startEmulator({ port: this.emulator.port, speed: this.speed });
        await this.control.restore(snapshot);
    }

    async close(): Promise<void> {
        open.delete(this);
        await this.emulator.close();
    }
}
