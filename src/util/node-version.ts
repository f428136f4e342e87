/** The first that has all that is used: undici 8, `getCACertificates`, and the diagnostics channel of HTTP/2 servers. */
const OLDEST = [22, 19] as const;

/** Why this Node can't run the package; undefined if it can. */
export function oldNode(version: string): string | undefined {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]) || (major === 23 && minor < 10);
    return old
        ? `pulumi-huaweicloud-batch needs Node ${OLDEST.join(".")} or later, and this is ${version}: install a later one (nodejs.org), and put it first on the PATH`
        : undefined;
}
