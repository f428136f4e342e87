import { systemError } from "./system-error";

const CODES: Readonly<Record<string, string>> = {
    ECONNREFUSED: "ConnectionRefused",
    ECONNRESET: "ConnectionReset",
    EPIPE: "ConnectionReset",
    UND_ERR_SOCKET: "ConnectionReset",
    ENOTFOUND: "HostNotFound",
    EAI_AGAIN: "HostNotFound",
    ETIMEDOUT: "ConnectTimeout",
    UND_ERR_CONNECT_TIMEOUT: "ConnectTimeout",
    UND_ERR_HEADERS_TIMEOUT: "AnswerTimeout",
    UND_ERR_BODY_TIMEOUT: "AnswerTimeout",
    UND_ERR_HEADERS_OVERFLOW: "HeadersTooLarge",
    UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "TruncatedAnswer",
};

/** An error of undici, of TLS or of the system: as a code of ours, and a message for people. */
export function explainNetworkError(error: unknown): { code: string; message: string } {
    const { name, code: raw, message } = systemError(error);
    const known = CODES[raw];
    if (known !== undefined) {
        return { code: known, message };
    }
    if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|UND_ERR_PRX_TLS/.test(raw)) {
        return {
            code: "TlsRefused",
            message: `${message} (${raw}); authorities of your own are named by OS_CACERT or NODE_EXTRA_CA_CERTS`,
        };
    }
    if (name === "HTTPParserError") {
        return { code: raw === "HPE_HEADER_OVERFLOW" ? "HeadersTooLarge" : "MalformedAnswer", message };
    }
    if (message.startsWith("Proxy response")) {
        return { code: "ProxyRefused", message };
    }
    return { code: "NetworkError", message: raw === "" ? message : `${message} (${raw})` };
}
