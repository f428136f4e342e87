/** A small tenant of the emulated cloud: what the demo declares to be gone, and what must be left alone. */
import type { EmulatorControl } from "huaweicloud-batch-emulator";

export interface Kind {
    /** As in the emulator's control API. */
    readonly kind: string;
    /** The field of an object that holds its id. */
    readonly id: "id" | "task_id" | "asset_id";
    /** The field that holds its name. */
    readonly name: "name" | "task_name" | "asset_name" | "batch_task_name";
    /** The configuration key of examples/clean-up that takes the ids. */
    readonly config: string;
    readonly count: number;
}

export interface Service {
    readonly title: string;
    /** As in the emulator's control API. */
    readonly name: string;
    /** Resource of examples/clean-up. */
    readonly resource: string;
    readonly kinds: readonly Kind[];
    /** The example deletes it at destroy, not at up. */
    readonly deletedWithStack: boolean;
}

export const services: readonly Service[] = [
    {
        title: "ROMA Connect",
        name: "roma",
        resource: "old-integrations",
        deletedWithStack: false,
        kinds: [
            { kind: "apps", id: "id", name: "name", config: "romaAppIds", count: 24 },
            { kind: "tasks", id: "task_id", name: "task_name", config: "romaTaskIds", count: 16 },
        ],
    },
    {
        title: "Workspace APP",
        name: "workspaceapp",
        resource: "old-image-servers",
        deletedWithStack: false,
        kinds: [{ kind: "imageServers", id: "id", name: "name", config: "imageServerIds", count: 45 }],
    },
    {
        title: "CloudDC",
        name: "clouddc",
        resource: "leased-servers",
        deletedWithStack: true,
        kinds: [{ kind: "instances", id: "id", name: "name", config: "leasedServerIds", count: 60 }],
    },
    {
        title: "MetaStudio",
        name: "metastudio",
        resource: "old-assets",
        deletedWithStack: false,
        kinds: [{ kind: "assets", id: "asset_id", name: "asset_name", config: "digitalAssetIds", count: 30 }],
    },
    {
        title: "VIAS",
        name: "vias",
        resource: "old-video-tasks",
        deletedWithStack: false,
        kinds: [{ kind: "batchTasks", id: "id", name: "batch_task_name", config: "videoBatchTaskIds", count: 4 }],
    },
];

/** Of each kind so many that the program does not declare. */
const OTHERS = 3;

export interface Furnished {
    readonly service: Service;
    readonly kind: Kind;
    readonly declared: readonly string[];
    /** One of the declared, removed by somebody else before the demo begins. */
    readonly alreadyGone: string;
    readonly others: readonly string[];
}

export async function furnish(control: EmulatorControl): Promise<Furnished[]> {
    const furnished: Furnished[] = [];
    for (const service of services) {
        for (const kind of service.kinds) {
            const [declared = [], others = []] = await control.seed({
                objects: [
                    { service: service.name, kind: kind.kind, count: kind.count, template: { [kind.name]: "old-{n}" } },
                    { service: service.name, kind: kind.kind, count: OTHERS, template: { [kind.name]: "in-use-{n}" } },
                ],
            });
            const alreadyGone = declared[0] ?? "";
            await control.remove({ service: service.name, kind: kind.kind, id: alreadyGone });
            furnished.push({ service, kind, declared, alreadyGone, others });
        }
    }
    return furnished;
}

/** Ids of what is there now. */
export async function idsThere(control: EmulatorControl, service: Service, kind: Kind): Promise<Set<string>> {
    const objects = await control.objects(service.name, kind.kind);
    // CloudDC and MetaStudio keep a record of what is gone for a while.
    const there = objects.filter(({ object }) => object.state !== "terminated" && object.asset_state !== "DELETED");
    return new Set(there.map(({ object }) => String(object[kind.id])));
}
