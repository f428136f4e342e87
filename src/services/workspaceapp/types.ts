/** An image server of Workspace APP. */
export interface ImageServer {
    readonly id: string;
    readonly name: string | undefined;
    readonly description: string | undefined;
    /** CREATING, ACTIVE, BUILDING, BUILT, ERROR, DELETING, or none. */
    readonly status: string | undefined;
    /** The image that it was made from. */
    readonly sourceImageId: string | undefined;
    /** The image that was made of it. */
    readonly imageId: string | undefined;
    /** The APS server group that was made for it. */
    readonly serverGroupId: string | undefined;
    /** The application group that was made for it. */
    readonly appGroupId: string | undefined;
    readonly enterpriseProjectId: string | undefined;
    /** As the cloud prints it. */
    readonly createTime: string | undefined;
    /** As the cloud prints it. */
    readonly updateTime: string | undefined;
}

export const IMAGE_SERVER_STATES = ["CREATING", "ACTIVE", "BUILDING", "BUILT", "ERROR", "DELETING"] as const;

export type ImageServerState = (typeof IMAGE_SERVER_STATES)[number];

/** The filters of ListImageServers. */
export interface ImageServerFilters {
    /** Part of the name. */
    readonly serverName?: string;
    /** One id. */
    readonly serverId?: string;
    readonly enterpriseProjectId?: string;
}
