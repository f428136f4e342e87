import * as z from "zod";
import { ApiFailure } from "../../batch/api";
import type { Call, CloudClient } from "../../cloud/call";
import type { CloudError } from "../../cloud/errors";
import { readIfThere } from "../shared/failures";
import type { Collection } from "../shared/inspection";
import { ExistenceUnknown } from "../shared/permission";
import {
    app,
    appPages,
    fdiTaskPages,
    mayMeanThereIsNone,
    NO_PERMISSION_CODES,
    NOT_YOURS_CODES,
    shownFdiTask,
} from "./api";

const CONCURRENT_READS = 48;

export type AssetKind = "app" | "task";

/** What deleting needs to know of an app or a task. */
export interface Asset {
    readonly id: string;
    readonly name?: string | undefined;
    /** Of an FDI task: 0 stopped, 1 running. */
    readonly status?: number | undefined;
    /** Of an app, as the cloud prints it. */
    readonly createTime?: string | undefined;
    /** Of an FDI task, as the cloud prints it. */
    readonly createdDate?: string | number | undefined;
}

/** Reads the apps and FDI tasks of one instance. Made once for each deletion: it remembers that the instance is there. */
export class InstanceAssets {
    private instanceAnswered = false;

    constructor(
        private readonly client: CloudClient,
        private readonly instance: string,
    ) {}

    collections(signal: AbortSignal): ReadonlyArray<readonly [kind: AssetKind, assets: Collection<Asset>]> {
        const { client, instance } = this;
        const apps = appPages(client, instance, {}, signal);
        const tasks = fdiTaskPages(client, instance, {}, signal);
        return [
            [
                "app",
                {
                    ...apps,
                    idOf: (asset) => asset.id,
                    get: (id) => this.checkInstance(apps, getApp(client, instance, id, signal)),
                    getNeeds: { grant: "the IAM action roma:applications:get", codes: NO_PERMISSION_CODES },
                    concurrent: CONCURRENT_READS,
                },
            ],
            [
                "task",
                {
                    ...tasks,
                    idOf: (asset) => asset.id,
                    get: (id) => this.checkInstance(tasks, getFdiTask(client, instance, id, signal)),
                    getNeeds: { grant: "the IAM action roma:tasks:get", codes: NO_PERMISSION_CODES },
                    concurrent: CONCURRENT_READS,
                },
            ],
        ];
    }

    /** "Not there" may mean the instance: it counts for an asset only once a list of the instance has answered. */
    private async checkInstance<T>(
        list: Pick<Collection<T>, "page">,
        reading: Promise<Asset | undefined>,
    ): Promise<Asset | undefined> {
        const asset = await reading;
        if (asset === undefined && !this.instanceAnswered) {
            await list.page(0, 1);
            this.instanceAnswered = true;
        }
        return asset;
    }
}

async function getApp(
    client: CloudClient,
    instance: string,
    id: string,
    signal: AbortSignal,
): Promise<Asset | undefined> {
    const apps = ["v2", client.place.projectId, "instances", instance];
    const seen = await getAsset(
        client,
        {
            operation: "ShowDetailsOfAppV2",
            method: "GET",
            path: [...apps, "apps", id],
            effect: "reads",
            targets: [id],
            answer: app.refine((shown) => shown.id === id, "another app than the one asked for"),
        },
        id,
        signal,
    );
    if (!isUnclear(seen)) {
        return seen;
    }
    const validated = await readIfThere(
        client,
        {
            operation: "CheckAppV2",
            method: "GET",
            path: [...apps, "validate-apps"],
            query: [["id", id]],
            effect: "reads",
            targets: [id],
            answer: z.unknown().transform(() => "there" as const),
        },
        (refusal) => refusal.status === 404 && mayMeanThereIsNone(refusal),
        signal,
    );
    return validated === undefined ? undefined : { id };
}

async function getFdiTask(
    client: CloudClient,
    instance: string,
    id: string,
    signal: AbortSignal,
): Promise<Asset | undefined> {
    const seen = await getAsset(
        client,
        {
            operation: "ShowFdiTask",
            method: "GET",
            path: ["v2", client.place.projectId, "fdi", "instances", instance, "tasks", id],
            effect: "reads",
            targets: [id],
            answer: shownFdiTask.refine((shown) => shown.id === id, "another task than the one asked for"),
        },
        id,
        signal,
    );
    if (!isUnclear(seen)) {
        return seen;
    }
    const list = fdiTaskPages(client, instance, { taskId: id }, signal);
    const { items } = await list.page(0, list.pageSize);
    if (items.some((task) => task.id !== id)) {
        throw new ApiFailure(
            { code: "FilterIgnored", message: "the list of FDI tasks shows others than task_id asks for" },
            false,
        );
    }
    const [task] = items;
    // The list shows IAM users only their own tasks: that there is none shows in the words of the refusal alone.
    if (task === undefined && !SAYS_NONE.test(seen.refusal.detail)) {
        throw new ExistenceUnknown(seen.refusal.problem, { cause: seen.refusal });
    }
    return task;
}

/** In a refusal without a code that is documented for it. */
const SAYS_NONE = /n[o']t exist|not found|no such|不存在/i;

/** HTTP 400, which may mean anything, absence too. */
interface Unclear {
    readonly refusal: CloudError;
}

function isUnclear(seen: Asset | undefined | Unclear): seen is Unclear {
    return seen !== undefined && "refusal" in seen;
}

async function getAsset<T extends Asset>(
    client: CloudClient,
    call: Call<T>,
    id: string,
    signal: AbortSignal,
): Promise<Asset | undefined | Unclear> {
    const refusals: CloudError[] = [];
    const seen = await readIfThere(
        client,
        call,
        (refusal) => {
            refusals.push(refusal);
            return NOT_YOURS_CODES.includes(refusal.code) || mayMeanThereIsNone(refusal);
        },
        signal,
    );
    const refusal = refusals[0];
    if (refusal === undefined) {
        return seen;
    }
    if (NOT_YOURS_CODES.includes(refusal.code)) {
        return { id };
    }
    return refusal.status === 404 ? undefined : { refusal };
}
