/** A tenant of the emulated cloud, of its own for each test, on a free port of this machine. */
import { type EmulatorControl, type Seed, type ServedEmulator, startEmulator } from "../../src/emulator";

const open = new Set<Tenant>();

/** For afterEach. */
export async function closeTenants(): Promise<void> {
    await Promise.all([...open].map((tenant) => tenant.close()));
}

export class Tenant {
    private constructor(private readonly emulator: ServedEmulator) {}

    /** Twenty times faster than the real thing unless told otherwise: waits are real, though short. */
    static async open(options: { readonly seed?: Seed; readonly speed?: number } = {}): Promise<Tenant> {
        const tenant = new Tenant(await startEmulator({ speed: 20, ...options }));
        open.add(tenant);
        return tenant;
    }

    get control(): EmulatorControl {
        return this.emulator.control;
    }

    /** What a shell is told that works on this tenant. */
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
        const [ids] = await this.control.seed({ objects: [{ service, kind, count, template }] });
        return ids ?? [];
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
        const { submissions } = await this.control.books();
        return submissions
            .filter((submission) => submission.service === service && submission.accepted)
            .map(({ ids }) => ids);
    }

    async close(): Promise<void> {
        open.delete(this);
        await this.emulator.close();
    }
}
