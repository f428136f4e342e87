import { dirname, isAbsolute, join, resolve } from "node:path";

/** As the engine looks for it. */
const PROJECT_FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * The absolute path of a file or directory that a setting names: a relative one counts from the folder of the Pulumi project, which
 * is sought from the working directory upward, so that it means the same to the program, the provider process and the commands.
 * Without a project it counts from the working directory.
 */
export function fromProjectFolder(
    path: string,
    { cwd, exists }: { readonly cwd: string; readonly exists: (path: string) => boolean },
): string {
    return isAbsolute(path) ? resolve(path) : resolve(projectFolder(cwd, exists) ?? cwd, path);
}

function projectFolder(cwd: string, exists: (path: string) => boolean): string | undefined {
    for (let folder = resolve(cwd); ; folder = dirname(folder)) {
        if (PROJECT_FILES.some((name) => exists(join(folder, name)))) {
            return folder;
        }
        if (dirname(folder) === folder) {
            return undefined;
        }
    }
}
