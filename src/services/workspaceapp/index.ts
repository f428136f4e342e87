import * as z from "zod";
import type { CloudClient, Service } from "../../cloud/call";
import type { TargetSetDefinition } from "../definition";
import { idOf } from "../shared/fields";
import { type ListDefinition, listDefinition } from "../shared/list-definition";
import { listImageServers, PERMISSION_CODES } from "./api";
import { imageServerDeletion } from "./deletion";
import { listedImageServer, listedImageServers } from "./listed";
import { listsImageServers } from "./lists";

/** Endpoints: the SDK's region tables; regions in no table as Terraform has them ("appstream"). */
const WORKSPACE_REGIONS = [
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "cn-east-5",
    "cn-north-11",
    "la-south-2",
    "la-north-2",
    "sa-brazil-1",
    "me-east-1",
    "af-south-1",
    "af-north-1",
    "tr-west-1",
];

export const workspaceapp: Service = {
    name: "workspaceapp",
    title: "Workspace APP",
    hostLabels: {
        default: "appstream",
        byRegion: Object.fromEntries(WORKSPACE_REGIONS.map((region) => [region, "workspace"])),
    },
    authenticationCodes: [],
    permissionCodes: PERMISSION_CODES,
    busyCodes: [],
};

const serverId = idOf("an image server");

const namesProjects = z.object({ enterpriseProjectIds: z.array(z.string()) });

const actInputs = z.object({
    recursive: z.boolean().default(false),
    enterpriseProjectId: z.string().optional(),
});

export const imageServerBatchDeletion: TargetSetDefinition = {
    resource: "workspaceapp:ImageServerBatchDeletion",
    service: workspaceapp,
    noun: ["image server", "image servers"],
    targets: [{ input: "imageServerIds", id: serverId, listed: listedImageServers }],
    // The page calls `recursive` mandatory: it is always sent, and false unless the user says otherwise.
    inputs: { recursive: z.boolean().default(false) },
    placeInputs: [],
    goalInputs: [],
    problems: ({ enterpriseProjectId, matching }) =>
        enterpriseProjectId !== undefined && namesProjects.safeParse(matching).success
            ? [
                  {
                      property: "enterpriseProjectId",
                      reason: "and matching.enterpriseProjectIds both say whose list is read: give one of them",
                  },
              ]
            : [],
    hasWhen: true,
    hasEnterpriseProject: true,
    acts: (inputs) => {
        const { recursive, enterpriseProjectId } = actInputs.parse(inputs);
        const act = {
            variant: [recursive ? "DELETE recursive" : "DELETE", enterpriseProjectId ?? ""].join(" ").trim(),
            api: (client: CloudClient) => imageServerDeletion(client, recursive, enterpriseProjectId),
        };
        return { onCreate: act, onDestroy: act };
    },
};

export { imageServerDeletion } from "./deletion";

export const definitions: readonly TargetSetDefinition[] = [imageServerBatchDeletion];

export const imageServerList = listDefinition({
    name: "listImageServers",
    rows: "imageServers",
    service: workspaceapp,
    resources: ["workspaceapp:ImageServerBatchDeletion"],
    listed: listedImageServers,
    thingOf: listedImageServer,
    rules: listsImageServers,
    read: listImageServers,
});

export const lists: readonly ListDefinition[] = [imageServerList];
