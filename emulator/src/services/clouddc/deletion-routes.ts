import * as z from "zod";
import { type Call, type Route, route } from "../../gateway/route";
import { begin } from "./lifecycle";
import { type Instance, instances } from "./model";
import { instancesNotFound, invalid, inWrongState, settings } from "./rules";

/** Begins the deletion of all that the ids name, or refuses the whole call. */
function deleteInstances(call: Call, ids: readonly string[], unknownIds: "refuse-call" | "ignore") {
    const { world, project, operation, requestId } = call;
    const rules = settings.in(world);
    const submission = world.auditLog.open(call, ids);
    const wanted = [...new Set(ids)];
    const store = instances.in(world, project);
    const found = wanted.map((id) => store.get(id)).filter((instance) => instance !== undefined);
    for (const { id, state } of found) {
        if (state === "shutting-down") {
            world.auditLog.submittedAgain(call, id);
        }
    }
    if (wanted.length < ids.length && rules.duplicateIds === "refuse-call") {
        throw invalid("instance_id_set: contains duplicates");
    }
    const isMissing = (id: string) => {
        const state = store.get(id)?.state;
        return state === undefined || (state === "terminated" && rules.deletingTerminated === "not-found");
    };
    const missing = wanted.filter(isMissing);
    if (missing.length > 0 && unknownIds === "refuse-call") {
        throw instancesNotFound(missing);
    }
    const refused = found.filter(({ state }) => !mayBeDeleted(state, rules));
    if (refused.length > 0) {
        throw inWrongState(refused, rules.stateConflictCode);
    }
    for (const instance of found) {
        if (instance.state === "shutting-down" || instance.state === "terminated") {
            continue;
        }
        instance.deleted_by = `${operation} ${requestId}`;
        begin(world, project, instance, "deleted", "shutting-down");
    }
    submission.accepted = true;
    return found;
}

type Rules = ReturnType<typeof settings.read>;
function mayBeDeleted(state: Instance["state"], rules: Rules): boolean {
    switch (state) {
        case "running":
            return rules.deletingRunning === "allow";
        case "stopping":
        case "reinstalling":
            return rules.deletingInTransition === "allow";
        case "shutting-down":
            return rules.deletingAgain === "accept";
        case "terminated":
            return rules.deletingTerminated !== "refuse";
        default:
            return true;
    }
}

function idsWhenEmpty({ world, project }: Call): string[] {
    const { emptySet } = settings.in(world);
    if (emptySet === "refuse") {
        throw invalid("instance_id_set: received undefined or an empty set");
    }
    if (emptySet === "nothing") {
        return [];
    }
    const all = instances.in(world, project).list("insertion");
    return all.filter(({ state }) => state !== "terminated" && state !== "shutting-down").map(({ id }) => id);
}

export const deletionRoutes: readonly Route[] = [
    route({
        operation: "DeleteInstances",
        method: "POST",
        path: "/v1/:project_id/instances/batch-delete",
        body: z.object({ instance_id_set: z.array(z.string().min(1).max(64)).max(50).optional() }),
        handle(call, { body }) {
            const given = body.instance_id_set ?? [];
            const ids = given.length > 0 ? given : idsWhenEmpty(call);
            const deleted = deleteInstances(call, ids, settings.in(call.world).unknownIds);
            return { status: 202, body: { instances: deleted.map(({ id }) => ({ id })) } };
        },
    }),
    route({
        operation: "DeleteInstance",
        method: "DELETE",
        path: "/v1/:project_id/instances/:id",
        handle(call, { params }) {
            deleteInstances(call, [params.id ?? ""], "refuse-call");
            return { status: 204 };
        },
    }),
];
