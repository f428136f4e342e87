import type { Problem } from "../../batch/api";
import { ApiFailure } from "../../batch/api";
import { CloudError } from "../../cloud/errors";

/** What a call needs that may be refused to an identity which may do the rest. */
export interface Permission {
    /** As docs/iam-policies.md has it, for people: "the IAM action workspace:imageServer:get". */
    readonly grant: string;
    /** Codes that mean "this identity may not", whatever their HTTP status. 403 always does. */
    readonly codes?: readonly string[];
}

/** A read by id was answered in a way that tells neither that the thing is there nor that it is not. */
export class ExistenceUnknown extends ApiFailure {
    constructor({ code, message, ...rest }: Problem, options: { readonly cause: CloudError }) {
        const said = `no list shows it, and what is said of its id tells neither that it is there nor that it is not (${message})`;
        super({ code, message: said, ...rest }, false, options);
        this.name = "ExistenceUnknown";
    }
}

export type Allowed<T> =
    | { readonly is: "answered"; readonly value: T }
    /** By 403, or in words that say nothing: nothing is known of the thing. */
    | { readonly is: "refused"; readonly problem: Problem };

/** A read of one thing, which the identity may not be allowed: that is no failure of the others. Every other failure is thrown. */
export async function unlessRefused<T>(needs: Permission | undefined, read: () => Promise<T>): Promise<Allowed<T>> {
    try {
        return { is: "answered", value: await read() };
    } catch (error) {
        if (error instanceof ExistenceUnknown) {
            return { is: "refused", problem: error.problem };
        }
        if (error instanceof ApiFailure && error.cause instanceof CloudError && refusesCaller(error.cause, needs)) {
            return { is: "refused", problem: unseen(error.problem, needs) };
        }
        throw error;
    }
}

function refusesCaller({ kind, status, code }: CloudError, needs: Permission | undefined): boolean {
    return kind === "refused" && (status === 403 || (needs?.codes?.includes(code) ?? false));
}

function unseen({ code, message, ...rest }: Problem, needs: Permission | undefined): Problem {
    const way = needs === undefined ? "" : `: grant ${needs.grant}`;
    return {
        code,
        message: `no list shows it, and reading it by its id is refused (${message}), so that nobody knows whether it is there${way}`,
        ...rest,
    };
}
