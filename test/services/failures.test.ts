import { z } from "zod";
import { ApiFailure, NotSent } from "../../src/batch/api";
import type { CloudErrorFacts } from "../../src/cloud/errors";
import { failedSubmit, read, readIfThere, saysNotFound } from "../../src/services/shared/failures";
import { workspaceapp } from "../../src/services/workspaceapp";
import { FakeCloud, never, refusal } from "./fake-cloud";

const outcomeOf = (facts: Partial<CloudErrorFacts>, keys = ["a", "b"], codes: readonly string[] = []) => {
    try {
        return failedSubmit(refusal(facts), keys, {
            permissionCodes: codes,
            culprits: () => (facts.code === "N.1" ? ["b", "stranger"] : []),
        });
    } catch (error) {
        return error;
    }
};

describe("a failed submit", () => {
    const problem = { code: "X.0001", message: "no" };
    test.each([
        ["400 of many", { status: 400 }, { is: "refused", problem, splits: true }],
        ["404 of many", { status: 404 }, { is: "refused", problem, splits: true }],
        ["409 of many", { status: 409 }, { is: "refused", problem, splits: true }],
        [
            "413: too large, perhaps",
            { status: 413, code: "APIGW.0201" },
            { is: "refused", problem: { code: "APIGW.0201", message: "no" }, splits: true },
        ],
        ["402: no smaller request fares better", { status: 402 }, { is: "refused", problem, splits: false }],
        [
            "named culprits, of those sent",
            { code: "N.1" },
            { is: "refused", problem: { code: "N.1", message: "no" }, splits: true, culprits: ["b"] },
        ],
        [
            "busy",
            { kind: "busy", retryAfter: 5, requestId: "r" },
            { is: "busy", problem: { ...problem, requestId: "r" }, retryAfter: 5 },
        ],
        ["uncertain", { kind: "uncertain" }, { is: "uncertain", problem }],
    ] as const)("%s", (_name, facts, expected) => {
        expect(outcomeOf(facts)).toEqual(expected);
    });

    test("of a single target is never split", () => {
        expect(outcomeOf({ status: 400 }, ["a"])).toEqual({ is: "refused", problem, splits: false });
    });

    test.each([
        ["403", { status: 403 }, true],
        ["405", { status: 405 }, true],
        ["the gateway knows no such API", { status: 404, code: "APIGW.0101" }, true],
        ["a service's own way to say no permission", { status: 400, code: "P.1" }, true],
        ["unauthenticated", { kind: "unauthenticated", status: 401 }, true],
        ["configuration", { kind: "configuration" }, true],
        ["throttled", { kind: "throttled", status: 429 }, false],
        ["unreachable", { kind: "unreachable" }, false],
        ["unusable", { kind: "unusable" }, false],
    ] as const)("%s: not about these targets", (_name, facts, final) => {
        const error = outcomeOf(facts, ["a", "b"], ["P.1"]);
        expect(error).toBeInstanceOf(ApiFailure);
        expect(error).toMatchObject({ final, problem: { message: "no" } });
    });

    test("aborted means that nothing was sent; what is no CloudError passes as it is", () => {
        const aborted = outcomeOf({ kind: "aborted", code: "Aborted" }, ["a"], []);
        expect(aborted).toBeInstanceOf(NotSent);
        expect(aborted).toMatchObject({ problem: { code: "Aborted", message: "no" } });
        const bug = new TypeError("bug");
        expect(() => failedSubmit(bug, ["a"])).toThrow(bug);
    });
});

describe("a failed read", () => {
    const call = { operation: "Op", method: "GET", path: [], effect: "reads", answer: z.unknown() } as const;
    const cloud = (facts: Partial<CloudErrorFacts>) => new FakeCloud(workspaceapp, () => refusal(facts));

    test.each([
        ["refused", true],
        ["unauthenticated", true],
        ["configuration", true],
        ["busy", false],
        ["throttled", false],
        ["unreachable", false],
        ["uncertain", false],
        ["unusable", false],
    ] as const)("%s: final %s", async (kind, final) => {
        const error = await read(cloud({ kind, requestId: "r1" }), call, never).catch((e: unknown) => e);
        expect(error).toBeInstanceOf(ApiFailure);
        expect(error).toMatchObject({ final, problem: { code: "X.0001", message: "no", requestId: "r1" } });
    });

    test("only a service's own 404 says that there is no such thing", async () => {
        const found = (facts: Partial<CloudErrorFacts>) =>
            readIfThere(cloud(facts), call, saysNotFound, never).catch(() => "failed");
        expect(await found({ status: 404, code: "WKS.00211104" })).toBeUndefined();
        expect(await found({ status: 404, code: "APIGW.0101" })).toBe("failed");
        expect(await found({ status: 404, code: "HTTP.404" })).toBe("failed");
        expect(await found({ status: 400, code: "WKS.00211104" })).toBe("failed");
        expect(await found({ kind: "unusable", status: 404, code: "WKS.1" })).toBe("failed");
    });
});
