import * as z from "zod";
import { ApiFailure } from "../../batch/api";
import type { Place } from "../../cloud/call";
import type { Connection } from "../../cloud/cloud";
import type { TargetSetDefinition } from "../../services/definition";
import { definitionOf, services } from "../../services/registry";
import type { CallContext } from "../call";
import type { HooksContext } from "../context";
import type { Properties } from "../hooks";
import type { MatchedNow } from "./rule-holds";
import { RULE_INPUT } from "./rule-text";

/** The delete that asks what the rules of declared resources match. */
export interface Asking {
    readonly definition: TargetSetDefinition;
    /** Its outputs: a rule is evaluated in its place. */
    readonly outputs: Properties;
    readonly connect: () => Promise<Connection>;
    readonly signal: AbortSignal;
}

/** What rules match now, in the place of a delete and with its identity. */
export function matchedNowIn(
    { clock, sessions }: Pick<HooksContext, "clock" | "sessions">,
    { definition, outputs, connect, signal }: Asking,
    { cancelled }: Pick<CallContext, "cancelled">,
): MatchedNow {
    return async ({ resource, rule }) => {
        const holder = resource === definition.resource ? definition : definitionOf(resource, services);
        const parsed = parseRule(rule);
        if (holder === undefined || parsed === undefined) {
            throw new ApiFailure({ code: "UnknownRule", message: `this release does not know it (${resource})` }, true);
        }
        const place = Object.fromEntries(holder.placeInputs.map((input) => [input, outputs[input]]));
        const connection = await connect();
        const { keys } = await loadSelect().selectTargets(
            holder,
            connection.client(holder.service),
            { ...parsed, ...place },
            { now: clock.now(), readList: sessions.lists.of(holder.service, connection) },
            AbortSignal.any([signal, cancelled]),
        );
        return new Set(keys);
    };
}

/** The connection of a delete, made when it is first needed. */
export function lazyConnection(
    { connect }: Pick<HooksContext, "connect">,
    place: Place,
    signal: AbortSignal,
): () => Promise<Connection> {
    let connection: Promise<Connection> | undefined;
    return () => {
        connection ??= connect({ stored: place }, signal);
        return connection;
    };
}

const ruleSchema = z.object({ [RULE_INPUT]: z.record(z.string(), z.unknown()) }).loose();

/** Undefined: it is none. Another process, perhaps of another release, may have written it. */
function parseRule(text: string): Properties | undefined {
    try {
        return ruleSchema.safeParse(JSON.parse(text)).data;
    } catch {
        return undefined;
    }
}

/** An operation without rules never evaluates one. */
function loadSelect(): typeof import("../matching/select") {
    return require("../matching/select");
}
