import type { Refusal } from "../../gateway/refusal";
import type { Call } from "../../gateway/route";
import type { AgendaEvent } from "../../world/agenda";
import type { Spoilable } from "../../world/outcomes";
import { isoSeconds, type World } from "../../world/world";
import { stillMeant } from "../steps";
import { type Asset, assets, planNext } from "./model";
import { refuse, SERVICE_NAME, settings } from "./rules";

export const ACTIONS = ["DELETE", "DELETE_FORCE", "RESTORE", "UNACTIVE", "ACTIVE", "SHARE", "UNSHARE"] as const;
export type Action = (typeof ACTIONS)[number];

interface ActionRule {
    /** The name by which outcome faults know it. */
    readonly process: string;
    readonly from: readonly Asset["asset_state"][];
    isDone(asset: Asset): boolean;
    apply(world: World, project: string, asset: Asset): void;
}

const ALIVE: readonly Asset["asset_state"][] = [
    "CREATING",
    "FAILED",
    "UNACTIVED",
    "ACTIVED",
    "BLOCK",
    "WAITING_DELETE",
];
const isState = (state: Asset["asset_state"]) => (asset: Asset) => asset.asset_state === state;
const become = (state: Asset["asset_state"]) => (world: World, project: string, asset: Asset) => {
    setState(world, project, asset, state);
};
const share = (shared_type: "PUBLIC" | "PRIVATE") => (world: World, _: string, asset: Asset) => {
    asset.shared_config = { ...asset.shared_config, shared_type };
    asset.update_time = isoSeconds(world.now());
};
const isShared = ({ shared_config }: Asset): boolean => shared_config.shared_type !== "PRIVATE";

const rules: Readonly<Record<Action, ActionRule>> = {
    DELETE: { process: "delete", from: ALIVE, isDone: isState("DELETING"), apply: become("DELETING") },
    DELETE_FORCE: {
        process: "delete-force",
        from: [...ALIVE, "DELETING"],
        isDone: isState("DELETED"),
        apply: deleteForGood,
    },
    RESTORE: {
        process: "restore",
        from: ["DELETING"],
        isDone: ({ asset_state }) => ALIVE.includes(asset_state),
        apply(world, project, asset) {
            const { stateAfterRestore } = settings.in(world);
            setState(
                world,
                project,
                asset,
                stateAfterRestore === "previous" ? asset.previous_state : stateAfterRestore,
            );
        },
    },
    ACTIVE: {
        process: "active",
        from: ["UNACTIVED", "WAITING_DELETE"],
        isDone: isState("ACTIVED"),
        apply: become("ACTIVED"),
    },
    UNACTIVE: {
        process: "unactive",
        from: ["ACTIVED", "WAITING_DELETE"],
        isDone: isState("UNACTIVED"),
        apply: become("UNACTIVED"),
    },
    SHARE: { process: "share", from: ["ACTIVED", "UNACTIVED"], isDone: isShared, apply: share("PUBLIC") },
    UNSHARE: {
        process: "unshare",
        from: ["ACTIVED", "UNACTIVED"],
        isDone: (asset) => !isShared(asset),
        apply: share("PRIVATE"),
    },
};
const SPOILABLE: Spoilable = {
    ids: "asset ids",
    outcomes: {
        fail: "the id is in a FAILED group with `code` (MSS.00000004) and `message`; nothing changes",
        stuck: "the id is missing from the results; nothing changes",
        lie: "the id is in the SUCCESS group; nothing changes",
        vanish: "the id is missing from the results, although the action was done",
    },
};
export const processes = Object.fromEntries(Object.values(rules).map(({ process }) => [process, SPOILABLE]));

export function setState(world: World, project: string, asset: Asset, state: Asset["asset_state"]): void {
    asset.previous_state = asset.asset_state;
    asset.asset_state = state;
    asset.update_time = isoSeconds(world.now());
    asset.step += 1;
    planNext(world, project, asset);
}

function deleteForGood(world: World, project: string, asset: Asset): void {
    const { asset_id: id, deleted_by: by } = asset;
    if (settings.in(world).deletedRecordSeconds === 0) {
        assets.in(world, project).remove(id, by);
        return;
    }
    // Gone as of now, although its record can be read for a while.
    world.tombstones.push({ service: SERVICE_NAME, kind: "assets", project, id, at: world.now(), by });
    setState(world, project, asset, "DELETED");
}

/** What became of one asset: done, refused, or not spoken of at all. */
export type ActionResult =
    | { readonly kind: "done" | "silent" }
    | { readonly kind: "refused"; readonly refusal: Refusal };

/** Notes that a deletion is asked for what is deleted already. */
function noteDouble(call: Call, action: Action, asset: Asset): void {
    const { asset_state, asset_id: id } = asset;
    const isAgain = action === "DELETE" ? asset_state === "DELETING" || asset_state === "DELETED" : false;
    if (isAgain || (action === "DELETE_FORCE" && asset_state === "DELETED")) {
        call.world.auditLog.submittedAgain(call, id);
    }
}

/** One action on one asset, at once. */
export function act(call: Call, action: Action, asset: Asset): ActionResult {
    const { world, project, operation, requestId } = call;
    const { process, from, isDone, apply } = rules[action];
    const { alreadyDone, stateConflictCode } = settings.in(world);
    noteDouble(call, action, asset);
    const { asset_state } = asset;
    const done = isDone(asset);
    if (done && alreadyDone === "accept") {
        return { kind: "done" };
    }
    if (done || !from.includes(asset_state)) {
        const message = `The action ${action} is not allowed on an asset in the state ${asset_state}.`;
        return { kind: "refused", refusal: refuse(stateConflictCode, message) };
    }
    const fault = world.outcomes.take(SERVICE_NAME, process, asset.asset_id);
    if (fault?.outcome === "fail") {
        const { code = "MSS.00000004", message = "Internal Error" } = fault;
        return { kind: "refused", refusal: refuse(code, message) };
    }
    if (fault?.outcome === "stuck") {
        return { kind: "silent" };
    }
    if (fault?.outcome === "lie") {
        return { kind: "done" };
    }
    if (action === "DELETE" || action === "DELETE_FORCE") {
        asset.deleted_by = `${operation} ${requestId}`;
    }
    apply(world, project, asset);
    return { kind: fault?.outcome === "vanish" ? "silent" : "done" };
}

const meant = (world: World, { project, subject }: AgendaEvent): Asset | undefined => {
    const store = assets.in(world, project);
    return stillMeant(subject, (id) => store.get(id));
};
export const events = {
    uploaded(world: World, event: AgendaEvent): void {
        const asset = meant(world, event);
        if (asset?.asset_state === "CREATING") {
            setState(world, event.project, asset, "ACTIVED");
        }
    },
    "bin-expired"(world: World, event: AgendaEvent): void {
        const asset = meant(world, event);
        if (asset?.asset_state !== "DELETING") {
            return;
        }
        asset.deleted_by = "recycle bin";
        deleteForGood(world, event.project, asset);
    },
    forgotten(world: World, event: AgendaEvent): void {
        const asset = meant(world, event);
        if (asset?.asset_state === "DELETED") {
            assets.in(world, event.project).forget(asset.asset_id);
        }
    },
};
