import type { Problem } from "../../batch/api";
import { ApiFailure } from "../../batch/api";
import { CloudError } from "../../cloud/errors";

/** The permission for a call that may be refused although the identity may do the rest. */
export interface Permission {
    /** For messages, as in docs/iam-policies.md: "the IAM action workspace:imageServer:get". */
    readonly grant: string;
    /** Codes that mean "no permission", whatever their HTTP status. 403 always means that. */
    readonly codes?: readonly string[];
}

/** A read by id was answered, and the answer does not show whether the thing exists. */
export class ExistenceUnknown extends ApiFailure {
    constructor({ code, message, ...rest }: Problem, options: { readonly cause: CloudError }) {
        const text = `no list shows it, and what is said of its id tells neither that it is there nor that it is not (${message})`;
        super({ code, message: text, ...rest }, false, options);
        this.name = "ExistenceUnknown";
    }
}

export type Allowed<T> =
    | { readonly is: "answered"; readonly value: T }
    /** By 403, or by an answer without information: nobody knows whether the thing exists. */
    | { readonly is: "refused"; readonly problem: Problem };

/** Reads one thing. Returns a refused permission, because it must not fail the reads of other things. Throws every other failure. */
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
