import type { CustomResourceOptions, Input, Output } from "@pulumi/pulumi";
import type { DeletionArgs } from "../../src/resources/shared/arguments";
import { DeletionResource } from "../../src/resources/shared/target-set";

export interface StoneBatchDeletionArgs extends DeletionArgs {
    stoneIds: Input<Input<string>[]>;
}

/** As its file in src/resources would be. */
export class StoneBatchDeletion extends DeletionResource {
    declare readonly stoneIds: Output<string[]>;

    constructor(name: string, args: StoneBatchDeletionArgs, options?: CustomResourceOptions) {
        super("quarry", "StoneBatchDeletion", { ids: { stoneIds: undefined } }, name, args, options);
    }
}
