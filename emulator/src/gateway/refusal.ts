/** A request that is answered with an error: who throws it says what, the service's error shape says how it looks. */
export class Refusal extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
        /** Further fields that this error's body carries in the service's shape. */
        readonly details: Readonly<Record<string, unknown>> = {},
        /** Errors of the gateway keep its shape, whatever the service. */
        readonly from: "service" | "gateway" = "service",
        readonly headers: Readonly<Record<string, string>> = {},
    ) {
        super(message);
    }
}

export const gatewayRefusal = (
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
): Refusal => new Refusal(status, code, message, {}, "gateway", headers);

/** The gateway's 401; `suffix` as the gateway words it. */
export const notAuthenticated = (suffix: string): Refusal => {
    return gatewayRefusal(401, "APIGW.0301", `Incorrect IAM authentication information: ${suffix}`);
};
