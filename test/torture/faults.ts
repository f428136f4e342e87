import type { Seed } from "../../emulator/src";
import type { Fault, Part } from "./schedule";
import type { Lie, TortureService } from "./services";

type FaultInput = NonNullable<Seed["faults"]>[number];

/** A code in the shape of a service's own, which no service has: it says nothing about the targets or the moment. */
export const INJECTED400 = "TEST.00000400";

/** One fault of a schedule, armed for one operation of one service. */
export interface Armed {
    /** As it is counted. */
    readonly kind: string;
    readonly input: FaultInput;
    readonly hidesDeletion: boolean;
}

/** Whether this part makes its service report what was not done. */
export function reportsFalsely(part: Part, service: TortureService): boolean {
    return (
        part.spoilt.some(({ how }) => how === "lie") ||
        part.faults.some((fault) => fault.kind === "lie" && lieOf(fault, service)?.about === "success")
    );
}

function lieOf({ which }: Fault, { lies }: TortureService): Lie | undefined {
    return lies[which % lies.length];
}

export function armed(part: Part, service: TortureService, falseReports: boolean): readonly Armed[] {
    return part.faults.flatMap((fault, index) => {
        if (fault.kind === "lie") {
            const lie = lieOf(fault, service);
            return lie === undefined || (falseReports && lie.about === "absence")
                ? []
                : [lied(fault, lie, service.service, index)];
        }
        const operations =
            fault.on === "anything" ? [undefined] : fault.on === "submits" ? service.submits : service.reads;
        const operation = operations[fault.which % operations.length];
        const match = {
            ...strikes(fault, index),
            service: service.service,
            ...(operation === undefined ? {} : { operation }),
        };
        return [{ kind: fault.kind, input: struck(fault, match), hidesDeletion: false }];
    });
}

function lied(fault: Fault, { name, operation, edits, hidesDeletion }: Lie, service: string, index: number): Armed {
    return {
        kind: `lie: ${name}`,
        input: { ...strikes(fault, index), service, operation, fault: "edit", edits },
        hidesDeletion,
    };
}

/** A fault without an end would be no fault but how the cloud is. */
function strikes({ skip, times, probability }: Fault, index: number) {
    return { skip, times, probability, seed: index + 1 };
}

function struck(fault: Fault, match: object): FaultInput {
    switch (fault.kind) {
        case "429":
            return { ...match, fault: "respond", status: 429, code: "APIGW.0308", shape: "gateway" };
        case "429 with Retry-After":
            return {
                ...match,
                fault: "respond",
                status: 429,
                code: "APIGW.0308",
                shape: "gateway",
                headers: { "Retry-After": String(fault.retryAfter) },
            };
        case "400":
            return { ...match, fault: "respond", status: 400, code: INJECTED400, message: "Bad request" };
        case "401":
            return { ...match, fault: "respond", status: 401, code: "APIGW.0301", shape: "gateway" };
        case "404 of the gateway":
            return { ...match, fault: "respond", status: 404, code: "APIGW.0101", shape: "gateway" };
        case "408":
            return { ...match, fault: "respond", status: 408, code: "APIGW.0106", shape: "gateway" };
        case "5xx before the effect":
            return { ...match, fault: "respond", status: 500 + (fault.which % 5), when: "before" };
        case "5xx after the effect":
            return { ...match, fault: "respond", status: 500 + (fault.which % 5), when: "after", shape: "gateway" };
        case "reset before the effect":
            return { ...match, fault: "reset", when: "before" };
        case "reset after the effect":
            return { ...match, fault: "reset", when: "after" };
        case "silence before the effect":
            return { ...match, fault: "hang", when: "before" };
        case "silence after the effect":
            return { ...match, fault: "hang", when: "after" };
        case "slow answer":
            return { ...match, fault: "delay", ms: fault.retryAfter * 400 };
        case "truncated":
            return { ...match, fault: "truncate" };
        case "empty":
            return { ...match, fault: "respond", status: 200, when: "after", body: "" };
        case "HTML":
            return {
                ...match,
                fault: "respond",
                status: fault.which % 2 === 0 ? 200 : 502,
                when: "after",
                body: "<html><body>Bad gateway</body></html>",
                contentType: "text/html",
            };
        case "not JSON":
            return { ...match, fault: "respond", status: 200, when: "after", body: '{"items": [1, 2' };
        case "lie":
            throw new Error("lies are edits");
    }
}
