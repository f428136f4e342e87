interface Variable {
    readonly type: "string";
    readonly description: string;
    readonly secret?: true;
}

const text = (description: string): Variable => ({ type: "string", description });
const secret = (description: string): Variable => ({ type: "string", description, secret: true });

const SERVICES = ["roma", "workspaceapp", "clouddc", "metastudio", "vias", "iam"];

/** The provider's configuration: the keys of stack configuration (src/cloud/settings/known.ts), in words. A test compares the two. */
export const configuration: Readonly<Record<string, Variable>> = {
    region: text("The region, such as cn-north-4. A resource's argument `region` and the environment come before it."),
    projectId: text("The id of the project. A resource's argument `projectId` and the environment come before it."),
    projectName: text("The name of the project, whose id is looked up. Default: the region's own project."),
    profile: text("A KooCLI profile: then the only source of place and credentials."),
    cloud: text("The cloud's domain, such as myhuaweicloud.com. One of the cloud's own domains alone."),
    accessKey: secret("The access key."),
    secretKey: secret("The secret key that belongs to it."),
    securityToken: secret("The security token of a temporary access key."),
    authToken: secret("An IAM token."),
    userName: text("The IAM user's name, for a password."),
    userId: text("The IAM user's id, for a password."),
    password: secret("The IAM user's password."),
    domainName: text("The name of the account that the IAM user belongs to."),
    domainId: text("The id of the account that the IAM user belongs to."),
    keep: text(
        "What must not be deleted: ids and globs of names, one a line or separated by commas. United with the file that HUAWEICLOUD_BATCH_KEEP names.",
    ),
    endpoint: text(
        "The address of all services, such as https://example.myhuaweicloud.com. The cloud's own domains and loopback alone.",
    ),
    ...Object.fromEntries(
        SERVICES.map((service) => [
            `endpoint${service.charAt(0).toUpperCase()}${service.slice(1)}`,
            text(`The address of the service ${service}. The cloud's own domains and loopback alone.`),
        ]),
    ),
};
