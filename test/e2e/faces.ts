/** One story, told on both faces: what it asserts holds on each, and the emulator has the same requests from both. */
import type { ReceivedByEmulator, Seed } from "../../emulator/src";
import { type Face, Stack, type StackOptions } from "./stack";
import { Tenant } from "./tenant";

export const faces: readonly Face[] = ["dynamic", "plugin"];

const READS = /^(List|Show|Check|Keystone)/;

/** What one run of the CLI has sent. */
interface Step {
    readonly command: string;
    /** Each request that changes something, without what differs between two tenants; in order. */
    readonly changes: readonly string[];
    /** The operations of those that only read. */
    readonly reads: ReadonlySet<string>;
}

/** One face's tenant and stack. */
export class Scene {
    readonly steps: Step[] = [];
    private ofStory: Tenant | undefined;
    private received = 0;

    constructor(readonly face: Face) {}

    async tenant(options?: { readonly seed?: Seed; readonly speed?: number }): Promise<Tenant> {
        this.ofStory = await Tenant.open(options);
        return this.ofStory;
    }

    stack(options: Omit<StackOptions, "face" | "onRun">): Promise<Stack> {
        return Stack.create({ ...options, face: this.face, onRun: ([command = ""]) => this.ran(command) });
    }

    private async ran(command: string): Promise<void> {
        const tenant = this.ofStory;
        if (tenant === undefined || ["stack", "config"].includes(command)) {
            return;
        }
        const requests = (await tenant.requests()).slice(this.received);
        this.received += requests.length;
        const reads = new Set<string>();
        const changes: string[] = [];
        for (const request of requests) {
            const { service, operation = request.path } = request;
            if (READS.test(operation)) {
                reads.add(`${service} ${operation}`);
            } else {
                changes.push(changeText(request, tenant));
            }
        }
        this.steps.push({ command, changes: changes.sort(), reads });
    }
}

/** The title says what the story promises. */
export function onBothFaces(title: string, story: (scene: Scene) => Promise<void>): void {
    describe(title, () => {
        const told = new Map<Face, readonly Step[]>();

        test.each(faces)("%s face", async (face) => {
            const scene = new Scene(face);
            await story(scene);
            told.set(face, scene.steps);
        });

        test("both faces change by the same requests; the plugin reads by the operations of the dynamic provider, and looks at targets", () => {
            const [dynamic = [], plugin = []] = faces.map((face) => told.get(face));
            // Otherwise the story did not come to its end on both, or not on what the scene gives it.
            expect([dynamic.length > 0, plugin.length > 0]).toEqual([true, true]);
            expect(plugin.map(changesOf)).toEqual(dynamic.map(changesOf));
            expect(plugin.map((step, n) => onTop(step, dynamic[n]))).toEqual(plugin.map(() => []));
        });
    });
}

const changesOf = ({ command, changes }: Step) => ({ command, changes });

/** `DeleteInstances 200 /v1/(id)/instances {"ids":["instances-1.0"]}` */
function changeText({ operation, method, path, query, body, status }: ReceivedByEmulator, tenant: Tenant): string {
    const sent = JSON.stringify(comparable(body, tenant)) ?? "";
    return `${operation ?? method} ${status} ${comparable(`${path}?${query}`, tenant)} ${sent}`;
}

const WORD = /[\w-]{8,}/g;
const MADE_BY_THE_CLOUD = /^(?:\d{8,}|[\da-f-]{16,})$/;

/** With the names of what the story has added in the place of its ids; no order of a list of ids counts. */
function comparable(value: unknown, tenant: Tenant): unknown {
    if (typeof value === "string") {
        return value.replace(WORD, (word) => tenant.nameOf(word) ?? (MADE_BY_THE_CLOUD.test(word) ? "(id)" : word));
    }
    if (Array.isArray(value)) {
        const each = value.map((one: unknown) => comparable(one, tenant));
        return each.every((one) => typeof one === "string") ? each.sort() : each;
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, comparable(each, tenant)]));
}

/** Polls of jobs have other names: these look at targets. */
const LOOKS: ReadonlySet<string> = new Set([
    "roma ListApps",
    "roma ShowApp",
    "roma ListTasks",
    "roma ShowTask",
    "workspaceapp ListImageServers",
    "workspaceapp ShowImageServer",
    "clouddc ListInstances",
    "clouddc ShowInstanceStatus",
    "metastudio ListAssetSummary",
    "metastudio ListAssets",
    "metastudio ShowAsset",
    "vias ListBatchTasks",
    "vias ListTasks",
]);

/**
 * The operations by which the plugin has read in one run, and that neither the dynamic provider in the same one nor the engine's read of
 * each resource, which the plugin asks for, explains. How often each is sent depends on time: on which looks coincide, and on lists that
 * are read again because they have changed.
 */
function onTop({ command, reads }: Step, same: Step | undefined): string[] {
    return [...reads]
        .filter((name) => same?.reads.has(name) !== true && !LOOKS.has(name))
        .map((name) => `${command}: ${name}`);
}
