import { type ListRules, partOfText, text, textButFor } from "./list-arguments";
import type { ImageServerFilters } from "./workspaceapp";

export const listsImageServers: ListRules<ImageServerFilters> = {
    filters: {
        serverName: partOfText,
        serverId: text,
        enterpriseProjectId: textButFor("all_granted_eps"),
    },
    variable: { name: "HW_ENTERPRISE_PROJECT_ID", argument: "enterpriseProjectId" },
};
