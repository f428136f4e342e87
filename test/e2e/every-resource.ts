/** All seven resources, the deletions with both values of `when`: for tests of what is to hold for each of them. */
import { addTargets, alive, type Deletion, declared, deletions, metastudio, vias } from "./deletions";
import type { Declared } from "./programs";
import type { Tenant } from "./tenant";

interface Targets {
    readonly deletion: Deletion;
    /** Of the resource with `when: "create"`. */
    readonly now: readonly string[];
    /** Of the one with `when: "destroy"`. */
    readonly later: readonly string[];
}

export interface DeclaredAs {
    /** Behind each name. */
    readonly suffix?: string;
    /** The options of the resource of that name, without the suffix. */
    readonly options?: (name: string) => Readonly<Record<string, unknown>>;
    /** Another argument for each: a timeout, and for batch tasks a description. */
    readonly changed?: boolean;
    /** The resources with `when: "destroy"` leave out their first id. */
    readonly withoutFirst?: boolean;
}

export class EveryResource {
    private constructor(
        private readonly tenant: Tenant,
        /** Told from those of others by it, for names of batch tasks are unique. */
        private readonly label: string,
        readonly targets: readonly Targets[],
        /** What the batch action makes visible at create, and hides at destroy. */
        private readonly assets: readonly string[],
        /** The batch task that is taken over. */
        private readonly adopted: string,
    ) {}

    /** With targets in the cloud. */
    static async in(tenant: Tenant, label = "all"): Promise<EveryResource> {
        const targets = await Promise.all(
            deletions.map(async (deletion) => ({
                deletion,
                now: await addTargets(tenant, deletion, 1, named(deletion, `${label}-now`)),
                later: await addTargets(tenant, deletion, 2, named(deletion, `${label}-later`)),
            })),
        );
        const hidden = { asset_name: `${label}-shown-{n}`, asset_state: "UNACTIVED" };
        const assets = await addTargets(tenant, metastudio, 1, hidden);
        const stopped = { batch_task_name: `${label}-adopted`, task_state: "STOPPED" };
        const adopted = await tenant.addOne("vias", "batchTasks", stopped);
        return new EveryResource(tenant, label, targets, assets, adopted);
    }

    declared(as: DeclaredAs = {}): readonly Declared[] {
        const { suffix = "", options = () => ({}), changed = false, withoutFirst = false } = as;
        const more = changed ? { timeout: "2h" } : {};
        const task = (name: string, args: object): Declared => ({
            type: "vias.BatchTask",
            name,
            args: {
                name: `${this.label}-${name}`,
                serviceName: "people-counting",
                serviceVersion: "1.0.0",
                ...(changed ? { description: "of the north gate" } : {}),
                ...args,
                ...TASK,
            },
        });
        return [
            ...this.targets.flatMap(({ deletion, now, later }) => [
                declared(deletion, "create", now, { name: `${deletion.service}-now`, ...more }),
                declared(deletion, "destroy", withoutFirst ? later.slice(1) : later, {
                    name: `${deletion.service}-later`,
                    ...more,
                }),
            ]),
            {
                type: "metastudio.AssetBatchAction",
                name: "shown",
                args: { assetIds: this.assets, onCreate: "ACTIVE", onDestroy: "UNACTIVE", ...more },
            },
            task("adopted", { adopt: this.adopted }),
            task("made", {}),
        ].map((each) => ({ ...each, name: `${each.name}${suffix}`, options: options(each.name) }));
    }

    /** Of the targets that are only to be deleted with their resource, those that are there. */
    async later(): Promise<Readonly<Record<string, readonly string[]>>> {
        const there = this.targets.map(async ({ deletion, later }) => {
            const ids = new Set(await alive(this.tenant, deletion));
            return [deletion.service, later.filter((id) => ids.has(id))] as const;
        });
        return Object.fromEntries(await Promise.all(there));
    }

    /** The batch tasks of its two resources that are there, by their names. */
    async tasks(): Promise<readonly string[]> {
        const tasks = await this.tenant.control.objects("vias", "batchTasks");
        const names = tasks.map(({ object }) => String(object.batch_task_name));
        return names.filter((name) => name === `${this.label}-adopted` || name === `${this.label}-made`).sort();
    }

    /** How often each target was named in an accepted batch request. Batch tasks that the stack made are left out. */
    async submitted(): Promise<Readonly<Record<string, number>>> {
        const submissions = (await this.tenant.submissions()).filter(({ accepted }) => accepted);
        const ids = submissions.flatMap((submission) => submission.ids);
        const own = [...this.targets.flatMap(({ now, later }) => [...now, ...later]), ...this.assets, this.adopted];
        return Object.fromEntries(own.map((id) => [id, ids.filter((each) => each === id).length]));
    }

    async assetStates(): Promise<readonly unknown[]> {
        const objects = await this.tenant.control.objects(metastudio.service, metastudio.kind);
        return this.assets.map((id) => objects.find(({ object }) => object.asset_id === id)?.object.asset_state);
    }
}

const TASK = {
    batchInput: {
        videoSourceGroup: [
            {
                videoSourceGroupId: "b0000000000000000000000000000001",
                videoSourceList: [{ videoSourceId: "c0000000000000000000000000000001" }],
            },
        ],
    },
    output: { obs: { bucket: "counts", path: "north" } },
};

/** The field that holds a name, in the objects of that kind. */
function named(deletion: Deletion, name: string): Readonly<Record<string, string>> {
    const field = deletion === metastudio ? "asset_name" : deletion === vias ? "batch_task_name" : "name";
    return { [field]: `${name}-{n}` };
}
