import type { ListedKind, ListedThing, ListQuery } from "../listed-kind";
import { factsOf } from "../shared/facts";
import { readWhole } from "../shared/read-whole";
import { shownTexts } from "../shared/shown";
import { imageServers } from "./api";
import { shownFacts } from "./deletion";
import { EVERY_PROJECT } from "./lists";
import { IMAGE_SERVER_STATES, type ImageServer } from "./types";

/** What a rule may choose image servers by: the columns of ListImageServers. */
export const listedImageServers: ListedKind = {
    noun: "image servers",
    states: IMAGE_SERVER_STATES,
    criteria: {
        enterpriseProjectIds: { is: "oneOf" },
        serverGroupIds: { is: "oneOf" },
        imageIds: { is: "oneOf" },
    },
    readBy: { inputs: ["enterpriseProjectId"], criteria: ["enterpriseProjectIds"] },
    async list(query, show) {
        const { client, signal } = query;
        for (const enterpriseProjectId of projectsOf(query)) {
            const filters = enterpriseProjectId === undefined ? {} : { enterpriseProjectId };
            await readWhole(imageServers(client, filters, signal), (server) => {
                // A service that does not know the filter may ignore it.
                if (isOfProject(server, enterpriseProjectId)) {
                    show(listedImageServer(server));
                }
            });
        }
    },
    mayNotShow: (query) =>
        projectsOf(query).includes(undefined)
            ? 'those outside the default enterprise project: name others in matching.enterpriseProjectIds, or all that the identity may see with enterpriseProjectId: "all_granted_eps"'
            : projectsOf(query).includes(EVERY_PROJECT)
              ? "those in enterprise projects that are not granted to the identity"
              : undefined,
};

/** The enterprise projects whose lists are read; undefined: the one that the API shows without any. */
function projectsOf({ inputs, wanted }: Pick<ListQuery, "inputs" | "wanted">): ReadonlyArray<string | undefined> {
    const { enterpriseProjectId } = inputs;
    const { enterpriseProjectIds } = wanted;
    if (Array.isArray(enterpriseProjectIds)) {
        return enterpriseProjectIds;
    }
    return [typeof enterpriseProjectId === "string" ? enterpriseProjectId : undefined];
}

function isOfProject(server: ImageServer, wanted: string | undefined): boolean {
    return wanted === undefined || wanted === EVERY_PROJECT || projectOf(server) === wanted;
}

/** "Empty, or 0: the default enterprise project". */
function projectOf({ enterpriseProjectId }: ImageServer): string | undefined {
    return enterpriseProjectId === "" ? "0" : enterpriseProjectId;
}

export function listedImageServer(server: ImageServer): ListedThing {
    const { id, name, serverGroupId, sourceImageId } = server;
    const shown = shownFacts(server);
    return {
        id,
        name,
        states: shown.status ? [shown.status] : [],
        facts: factsOf(shown),
        shown: shownTexts({
            enterpriseProjectIds: projectOf(server),
            serverGroupIds: serverGroupId,
            imageIds: sourceImageId,
        }),
    };
}
