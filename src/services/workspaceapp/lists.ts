import { containsText } from "../shared/list-answers";
import { type ListRules, partOfText, text, textButFor } from "../shared/list-arguments";
import type { ImageServer, ImageServerFilters } from "./types";

/** The value of the filter for all enterprise projects that the caller may see. */
export const EVERY_PROJECT = "all_granted_eps";

export const listsImageServers: ListRules<ImageServerFilters, ImageServer> = {
    filters: {
        serverName: partOfText,
        serverId: text,
        enterpriseProjectId: textButFor(EVERY_PROJECT),
    },
    rows: {
        serverName: (server, { serverName }) => containsText(server.name, serverName),
        serverId: (server, { serverId }) => server.id === serverId,
        enterpriseProjectId: (server, { enterpriseProjectId }) =>
            enterpriseProjectId === EVERY_PROJECT || (server.enterpriseProjectId || "0") === enterpriseProjectId,
    },
    variable: { name: "HW_ENTERPRISE_PROJECT_ID", argument: "enterpriseProjectId" },
};
