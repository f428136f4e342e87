import type { Clock } from "../../util/clock";
import { FirstRequestGate } from "../client/first-request-gate";
import { type Credentials, type KeyCredentials, secretsOf } from "./credentials";
import { type SignableRequest, sdkDate, sign } from "./signer";

/** Whether the stack configuration in hand may be an older one than the stack's own. */
export type ConfigurationAge = () => "current" | "perhapsOfLastUp";

/** The cloud refuses signatures that are 15 minutes off. */
const MINUTES_TOLERATED = 5;

/** Whoever acts: one per set of credentials and process. */
export class Identity {
    readonly gate = new FirstRequestGate();
    private readonly currentCredentials: Credentials;

    constructor(
        /** Not secret; tells identities apart within this process. */
        readonly key: string,
        credentials: Credentials,
        private readonly configurationAge: ConfigurationAge = () => "current",
    ) {
        this.currentCredentials = credentials;
    }

    /** What to do when they are refused. `skew`: how far this machine's clock is from the cloud's, where that is known. Milliseconds. */
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

    /** Signatures are judged by the time they name: only theirs is a matter of clocks. */
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

    /** For messages: where the credentials were found. */
    get source(): string {
        return this.currentCredentials.source;
    }

    credentials(): Credentials {
        return this.currentCredentials;
    }

    /** Takes out of a text what the other side should not have repeated of the credentials, and of `issued` in their name. */
    redact(text: string, issued: readonly string[] = []): string {
        return [...secretsOf(this.currentCredentials), ...issued]
            .filter(isDistinctive)
            .flatMap(spellings)
            .sort((a, b) => b.length - a.length)
            .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
    }
}

/** A very short secret, or one that is an ordinary word, would take words with it. */
function isDistinctive(secret: string): boolean {
    return secret.length >= 12 || (secret.length >= 6 && !/^[A-Za-z]+$/.test(secret));
}

/** As it is, in JSON, in JSON within JSON, in a URL, and in base64, wherever in a longer text it begins there. */
function spellings(secret: string): readonly string[] {
    const inJson = JSON.stringify(secret).slice(1, -1);
    const texts = new Set([secret, inJson, JSON.stringify(inJson).slice(1, -1)]);
    return [...texts].flatMap((text) => [
        text,
        encodeURIComponent(text.toWellFormed()),
        ...[0, 1, 2].flatMap((before) => {
            const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text, "utf8")]);
            // The first and the last characters hold bits of the neighbours too.
            return (["base64", "base64url"] as const).map((spelling) =>
                encoded.toString(spelling).slice(before === 0 ? 0 : before + 1, -4),
            );
        }),
    ]);
}

/** Gives a request what the cloud lets it in by. */
export interface Authoriser {
    /** The headers to add: names in lower case. */
    authorise(request: SignableRequest, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
    /** Those headers were let in. */
    accepted(): void;
    /** After a refusal of those headers: "renewed" if new ones may fare better, "stale" if new ones are there already. */
    refused(headers: Readonly<Record<string, string>>): "renewed" | "stale" | "final";
}

/** Nobody: for the request that fetches a token. */
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

/** A token that was given, or one that can be fetched again. */
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
