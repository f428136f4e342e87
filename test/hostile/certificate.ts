import { generateKeyPairSync, sign } from "node:crypto";

/** DER (X.690): tag, length, content. */
function der(tag: number, ...parts: ReadonlyArray<Uint8Array>): Buffer {
    const content = Buffer.concat(parts);
    const { length } = content;
    const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
    return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const objectId = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const octets = (content: Uint8Array) => der(0x04, content);

const ECDSA_SHA256 = sequence(objectId("2a8648ce3d040302"));
const COMMON_NAME = objectId("550403");
const SUBJECT_ALT_NAME = objectId("551d11");

const utcTime = (ms: number) => {
    const digits = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(2, 14);
    return der(0x17, Buffer.from(`${digits}Z`));
};

export interface CertificateWishes {
    /** Common name and, unless it is an address, alternative name. */
    readonly host: string;
    /** Milliseconds. Default: a day from now. */
    readonly until?: number;
}

/** A self-signed certificate (RFC 5280, version 3) and its key; made anew, so that none lies in the repository. */
export function selfSigned({ host, until = Date.now() + 86_400_000 }: CertificateWishes): {
    key: string;
    cert: string;
} {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(host)))));
    const address = /^\d+(\.\d+){3}$/.test(host);
    const alternative = address ? der(0x87, Buffer.from(host.split(".").map(Number))) : der(0x82, Buffer.from(host));
    const body = sequence(
        der(0xa0, der(0x02, Buffer.from([2]))),
        der(0x02, Buffer.from([1])),
        ECDSA_SHA256,
        name,
        sequence(utcTime(until - 30 * 86_400_000), utcTime(until)),
        name,
        publicKey.export({ type: "spki", format: "der" }),
        der(0xa3, sequence(sequence(SUBJECT_ALT_NAME, octets(sequence(alternative))))),
    );
    const signature = der(0x03, Buffer.from([0]), sign("sha256", body, privateKey));
    const pem = sequence(body, ECDSA_SHA256, signature).toString("base64").replace(/.{64}/g, "$&\n");
    return {
        key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        cert: `-----BEGIN CERTIFICATE-----\n${pem}\n-----END CERTIFICATE-----\n`,
    };
}
