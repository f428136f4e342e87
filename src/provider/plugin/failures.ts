import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import * as z from "zod";
import type { Properties } from "../hooks";
import { wrap } from "./wire";

/** What the lifecycle throws where something was done, and not all of it (see lifecycle.ts keepOnPartialFailure). */
const incomplete = z.object({
    id: z.string(),
    properties: z.record(z.string(), z.unknown()),
    reasons: z.array(z.string()),
});

export type Failure = Pick<ServiceError, "code" | "details"> & Partial<Pick<ServiceError, "metadata">>;

/**
 * A failure as gRPC answers it. Where something was submitted, its details make the engine keep the resource; the engine then shows the
 * reasons alone. `saved`: the properties to keep, from those of the failure.
 */
export function failureOf(error: unknown, saved: (properties: Properties) => Properties = (each) => each): Failure {
    const kept = incomplete.safeParse(error);
    if (!kept.success) {
        return { code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
    }
    const { id, properties, reasons } = kept.data;
    const detail = new ErrorResourceInitFailed();
    detail.setId(id);
    detail.setProperties(wrap(saved(properties)));
    detail.setReasonsList(reasons);
    detail.setRefreshBeforeUpdate(true);
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const details = reasons.join("; ");
    const wrapped = new Status();
    wrapped.setCode(status.UNKNOWN);
    wrapped.setMessage(details);
    wrapped.setDetailsList([any]);
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(wrapped.serializeBinary()));
    return { code: status.UNKNOWN, details, metadata };
}
