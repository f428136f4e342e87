/** Programs of resources of this package, as a user would write them, in CommonJS. */

export interface Declared {
    /** As a program calls it: "roma.AssetBatchDeletion". */
    readonly type: string;
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
    /** Resource options that are plain values. */
    readonly options?: Readonly<Record<string, unknown>>;
}

export function programOf(...resources: readonly Declared[]): string {
    const lines = resources.map(
        ({ type, name, args, options = {} }) =>
            `new cloud.${type}(${[name, args, options].map((value) => JSON.stringify(value)).join(", ")});`,
    );
    return ['const cloud = require("pulumi-huaweicloud-batch");', ...lines, ""].join("\n");
}
