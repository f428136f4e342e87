/** The versions of the CLI that this checkout pins, each by a go.mod and go.sum of its own. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export interface Pin {
    /** Where its go.mod and go.sum are. */
    readonly directory: string;
    /** "3.259.0": the one that go.mod names, so that all ways to an engine ask for the same. */
    readonly version: string;
    /** Whether it has to be this one, or any that is new enough will do. */
    readonly only: boolean;
}

const here = import.meta.dirname;
const DIRECTORIES: Readonly<Record<string, string>> = { first: here, newer: join(here, "newer") };

/** `name`: the value of ENGINE_PIN. Throws where nothing is pinned under it. */
export async function pinOf(name: string | undefined): Promise<Pin> {
    if (name === undefined || name === "") {
        return { ...(await pinIn(here)), only: false };
    }
    const directory = Object.hasOwn(DIRECTORIES, name) ? DIRECTORIES[name] : undefined;
    if (directory === undefined) {
        const names = Object.keys(DIRECTORIES).join(" or ");
        throw new Error(`ENGINE_PIN is ${JSON.stringify(name)}, and must be ${names}, or not be set`);
    }
    return { ...(await pinIn(directory)), only: true };
}

async function pinIn(directory: string): Promise<Omit<Pin, "only">> {
    const file = join(directory, "go.mod");
    const found = /github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(await readFile(file, "utf8"))?.[1];
    if (found === undefined) {
        throw new Error(`${file} names no version of github.com/pulumi/pulumi/pkg/v3`);
    }
    return { directory, version: found };
}
