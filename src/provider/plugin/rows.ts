import { credentials } from "@grpc/grpc-js";
import type { View } from "@pulumi/pulumi/proto/provider_pb";
import { ResourceStatusClient } from "@pulumi/pulumi/proto/resource_status_grpc_pb";
import { PublishViewStepsRequest, ViewStep, ViewStepState } from "@pulumi/pulumi/proto/resource_status_pb";
import { getOrCreate } from "../../util/get-or-create";
import type { Properties } from "../hooks";
import { wrap } from "./wire";

/** Steps in one call. */
const STEPS = 500;
/** Bytes. */
const LARGEST_MESSAGE = 64 * 1024 * 1024;

/** The part of a request that says whose rows are shown, and where. */
export interface RowOwner {
    getUrn(): string;
    getType(): string;
    getName(): string;
    getResourceStatusAddress(): string;
    getResourceStatusToken(): string;
}

/** One target, shown below its resource. */
export interface Row {
    /** Unique among the rows of one resource: "app:3f0f2f7e…". */
    readonly name: string;
    readonly outputs: Properties;
    /** Shown beside it. */
    readonly text?: string;
    /** Shown in red. In a preview of create or update it fails the preview; in read and delete it must not be set. */
    readonly error?: string;
}

/**
 * Of a row's step. In a read the engine makes a refresh of every step, and counts it by the operation that was given: all but READ and
 * SAME are changes to `pulumi refresh --expect-no-changes` (pkg/engine/update.go HasChanges), and SAME is not shown.
 */
const { REFRESH: SHOWN, READ: SHOWN_IN_READ } = ViewStep.Op;

/**
 * Shows rows that no state holds: steps of the operation REFRESH that have a new state and no old one. That is documented nowhere, and
 * tried on the engines 3.259 and 3.274; saved rows can break a state (retainOnDelete, renames).
 */
export class RowPublisher {
    private readonly clients = new Map<string, ResourceStatusClient>();

    /** Never rejects: rows are for people to see, and no operation fails for them. */
    async publish(owner: RowOwner, rows: readonly Row[], during: "read" | "run" = "run"): Promise<void> {
        await this.send(
            owner,
            rows.map((row) => stepOf(owner, row, during)),
        );
    }

    /**
     * Takes rows that the state does hold out of it, when their resource is deleted: it would not load any more with a row that has no
     * resource. An engine may save those of a refresh that runs the program.
     */
    async forget(owner: RowOwner, saved: readonly View[]): Promise<void> {
        await this.send(owner, saved.map(removalOf));
    }

    private async send(owner: RowOwner, steps: readonly ViewStep[]): Promise<void> {
        const address = owner.getResourceStatusAddress();
        const token = owner.getResourceStatusToken();
        if (address === "" || token === "" || steps.length === 0) {
            return;
        }
        const client = getOrCreate(
            this.clients,
            address,
            () =>
                new ResourceStatusClient(address, credentials.createInsecure(), {
                    "grpc.max_send_message_length": LARGEST_MESSAGE,
                    // Otherwise gRPC sends calls to this machine through the proxy of grpc_proxy, https_proxy or http_proxy.
                    "grpc.enable_http_proxy": 0,
                }),
        );
        for (let from = 0; from < steps.length; from += STEPS) {
            const request = new PublishViewStepsRequest();
            request.setToken(token);
            request.setStepsList(steps.slice(from, from + STEPS));
            const isPublished = await new Promise<boolean>((resolve) => {
                client.publishViewSteps(request, (error) => resolve(error === null));
            });
            if (!isPublished) {
                return;
            }
        }
    }
}

/** The engine forms it of the types alone, so that the owner's name has to be in the row's (see rowName). */
export function rowUrn(owner: RowOwner, row: Pick<Row, "name">): string {
    const urn = owner.getUrn();
    return `${urn.slice(0, urn.lastIndexOf("::"))}$${rowType(owner)}::${rowName(owner, row)}`;
}

function rowName(owner: RowOwner, { name }: Pick<Row, "name">): string {
    return `${nameOf(owner)}/${name}`;
}

/** "huaweicloud-batch:workspaceapp:Target" */
function rowType(owner: RowOwner): string {
    const type = typeOf(owner);
    return `${type.slice(0, type.lastIndexOf(":"))}:Target`;
}

/** Older engines give the type only as a part of the URN, below its parents' types. */
export function typeOf(request: Pick<RowOwner, "getType" | "getUrn">): string {
    return request.getType() || (request.getUrn().split("::")[2]?.split("$").at(-1) ?? "");
}

function nameOf(owner: RowOwner): string {
    return owner.getName() || owner.getUrn().slice(owner.getUrn().lastIndexOf("::") + 2);
}

function stepOf(owner: RowOwner, row: Row, during: "read" | "run"): ViewStep {
    const state = new ViewStepState();
    state.setType(rowType(owner));
    state.setName(rowName(owner, row));
    state.setInputs(wrap({}));
    state.setOutputs(wrap(row.outputs));
    const step = new ViewStep();
    step.setOp(during === "read" ? SHOWN_IN_READ : SHOWN);
    step.setStatus(ViewStep.Status.OK);
    step.setType(state.getType());
    step.setName(state.getName());
    step.setNew(state);
    if (row.error !== undefined) {
        step.setError(row.error);
    }
    return step;
}

function removalOf(view: View): ViewStep {
    const state = new ViewStepState();
    state.setType(view.getType());
    state.setName(view.getName());
    state.setParentType(view.getParentType());
    state.setParentName(view.getParentName());
    state.setInputs(view.getInputs());
    state.setOutputs(view.getOutputs());
    const step = new ViewStep();
    step.setOp(ViewStep.Op.DELETE);
    step.setStatus(ViewStep.Status.OK);
    step.setType(view.getType());
    step.setName(view.getName());
    step.setOld(state);
    return step;
}
