import * as pulumi from "@pulumi/pulumi";
import { clouddc, metastudio, roma, vias, workspaceapp } from "../../src/index";

/** Compiled, never run: calls that the types must refuse. */
export function refusedByTypes(prefix: string | undefined): void {
    // @ts-expect-error no arguments
    void clouddc.listInstances();
    // @ts-expect-error no filter
    void clouddc.listInstances({});
    // @ts-expect-error may be undefined
    void workspaceapp.listImageServers({ serverName: prefix });
    // @ts-expect-error a sort order is no filter
    void metastudio.listAssets({ sortKey: "create_time" });
    // @ts-expect-error all: true together with a filter
    void roma.listApps({ instanceId: "i", all: true, name: "x" });
    // @ts-expect-error no instance
    void roma.listFdiTasks({ all: true });
    // @ts-expect-error a misspelt name
    void vias.listBatchTasks({ all: true, titel: "x" });
    void roma.listAppsOutput({ instanceId: pulumi.output("i"), name: pulumi.secret("x") });
    void clouddc.listInstancesOutput({ instanceIds: pulumi.output(["a"]) });
    void clouddc.listInstancesOutput({ instanceIds: [pulumi.output("a")], region: Promise.resolve("r") });
    void metastudio.listAssetsOutput({ all: true, sortKey: "create_time" });
}
