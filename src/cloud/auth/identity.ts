import type { Clock } from "../../util/clock";
import { FirstRequestGate } from "../client/first-request-gate";
import { type Credentials, type KeyCredentials, secretsOf } from "./credentials";
import { type SignableRequest, sdkDate, sign } from "./signer";

/** Whether the stack configuration may be that of the last `up` instead of the current one. */
export type ConfigurationAge = () => "current" | "perhapsOfLastUp";

/** A warning threshold: the cloud refuses a signature whose time differs by 15 minutes. */
const MINUTES_TOLERATED = 5;

/** The identity that sends requests: one per set of credentials and process. */
export class Identity {
    readonly gate = new FirstRequestGate();
    private readonly currentCredentials: Credentials;

    constructor(
        /** Not secret; distinguishes identities within this process. */
        readonly key: string,
        credentials: Credentials,
        private readonly configurationAge: ConfigurationAge = () => "current",
    ) {
        this.currentCredentials = credentials;
    }

    /** What to do when the credentials are refused. `skew`: how far this machine's clock is ahead of the cloud's, if known. Milliseconds. */
    advice(skew: number | undefined): string {
        const clock = this.clockAdvice(skew);
        if (this.currentCredentials.from !== "configuration" || this.configurationAge() === "current") {
            return `check them${clock ?? ""}`;
        }
        const measured = skew === undefined ? "" : (clock ?? "");
        return (
            "destroy and refresh use the stack configuration of the last `up`. If it was changed since, run `pulumi up` first, or the same " +
            "command with --run-program, or set the credentials in the environment (HW_ACCESS_KEY, HW_SECRET_KEY), which come before it" +
            measured
        );
    }

    /** Only for signatures: they contain a time, tokens do not. */
    private clockAdvice(skew: number | undefined): string | undefined {
        if (this.currentCredentials.is !== "key") {
            return undefined;
        }
        if (skew === undefined) {
            return ", and this machine's clock";
        }
        const minutes = Math.round(Math.abs(skew) / 60_000);
        return minutes < MINUTES_TOLERATED
            ? undefined
            : `; this machine's clock is ${minutes} minutes ${skew > 0 ? "ahead of" : "behind"} the cloud's`;
    }

    /** For messages: the source of the credentials. */
    get source(): string {
        return this.currentCredentials.source;
    }

    credentials(): Credentials {
        return this.currentCredentials;
    }

    /** Removes the credentials from a text of the cloud, and the tokens `issued` for them. */
    redact(text: string, issued: readonly string[] = []): string {
        return [...secretsOf(this.currentCredentials), ...issued]
            .filter(isDistinctive)
            .flatMap(spellings)
            .sort((a, b) => b.length - a.length)
            .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
    }
}

/** Whether a secret is long or unusual enough: removing a short one or an ordinary word would make texts unreadable. */
function isDistinctive(secret: string): boolean {
    return secret.length >= 12 || (secret.length >= 6 && !/^[A-Za-z]+$/.test(secret));
}

/** The forms of a secret in a text: plain, in JSON, in JSON within JSON, in a URL, and in base64 at each of the three offsets. */
function spellings(secret: string): readonly string[] {
    const inJson = JSON.stringify(secret).slice(1, -1);
    const texts = new Set([secret, inJson, JSON.stringify(inJson).slice(1, -1)]);
    return [...texts].flatMap((text) => [
        text,
        encodeURIComponent(text.toWellFormed()),
        ...[0, 1, 2].flatMap((before) => {
            const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text, "utf8")]);
            // The first and the last characters also encode bits of the neighbouring text.
            return (["base64", "base64url"] as const).map((spelling) =>
                encoded.toString(spelling).slice(before === 0 ? 0 : before + 1, -4),
            );
        }),
    ]);
}

/** Adds the authentication headers to requests. */
export interface Authoriser {
    /** The headers to add, with names in lower case. */
    authorise(request: SignableRequest, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
    /** Call it when the cloud accepted the headers. */
    accepted(): void;
    /** Call it when the cloud refused these headers. "renewed": new headers may be accepted. "stale": newer headers exist already. "final": give up. */
    refused(headers: Readonly<Record<string, string>>): "renewed" | "stale" | "final";
}

/** Adds no headers: for the request that fetches a token. */
export const anonymous: Authoriser = {
    authorise: async () => ({}),
    accepted: () => {},
    refused: () => "final",
};

export class KeyAuthoriser implements Authoriser {
    constructor(
        private readonly credentials: KeyCredentials,
        private readonly clock: Clock,
    ) {}

    async authorise(request: SignableRequest): Promise<Readonly<Record<string, string>>> {
        const { accessKey, secretKey, securityToken } = this.credentials;
        const own = {
            "x-sdk-date": sdkDate(this.clock.now()),
            ...(securityToken === undefined ? {} : { "x-security-token": securityToken.reveal() }),
        };
        const signed = { ...request, headers: { ...request.headers, ...own } };
        return { ...own, authorization: sign(signed, accessKey.reveal(), secretKey.reveal()) };
    }

    accepted(): void {}

    refused(): "final" {
        return "final";
    }
}

/** A fixed token, or one that can be fetched again. */
export interface TokenSource {
    token(signal: AbortSignal): Promise<string>;
    accepted(): void;
    refused(token: string): "renewed" | "stale" | "final";
}

export class TokenAuthoriser implements Authoriser {
    constructor(private readonly source: TokenSource) {}

    async authorise(_request: SignableRequest, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
        return { "x-auth-token": await this.source.token(signal) };
    }

    accepted(): void {
        this.source.accepted();
    }

    refused(headers: Readonly<Record<string, string>>): "renewed" | "stale" | "final" {
        return this.source.refused(headers["x-auth-token"] ?? "");
    }
}
