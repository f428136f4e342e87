import * as z from "zod";
import { Refusal } from "../../gateway/refusal";
import { seconds } from "../../world/duration";
import { bornAt, Kind } from "../../world/kind";
import { digits, uuid } from "../../world/random";
import { Durations, Settings } from "../../world/settings";
import { isoSeconds, type World } from "../../world/world";

export const SERVICE_NAME = "workspaceapp";

export const JOB_TYPES = [
    "CREATE_SERVER",
    "CREATE_SERVER_IMAGE",
    "DELETE_SERVER",
    "BUILD_IMAGE",
    "GENERATE_IMAGE",
    "DELETE_IMAGE_BUILD_SERVER",
    "DELETE_IMAGE",
] as const;
export type JobType = (typeof JOB_TYPES)[number];
export const JOB_STATES = ["WAITING", "RUNNING", "SUCCESS", "FAILED"] as const;
export const SUB_JOB_STATES = [...JOB_STATES, "ABNORMAL", "ROLLBACK", "ABORTING"] as const;
const SERVER_STATES = ["CREATING", "ACTIVE", "BUILDING", "BUILT", "ERROR", "DELETING"] as const;

const imageServerSchema = z.object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    image_ref: z.object({
        id: z.string(),
        image_type: z.enum(["gold", "public", "private", "shared", "other"]),
        spce_code: z.string(),
        product_id: z.string(),
    }),
    server_group_id: z.string(),
    app_group_id: z.string(),
    server_id: z.string(),
    instance_id: z.string(),
    image_id: z.string().nullable(),
    status: z.enum(SERVER_STATES).nullable(),
    authorize_accounts: z.array(
        z.object({ account: z.string(), account_type: z.enum(["USER", "USER_GROUP"]), domain: z.string() }),
    ),
    create_time: z.string(),
    update_time: z.string(),
    enterprise_project_id: z.string(),
});
export type ImageServer = z.infer<typeof imageServerSchema>;
export const imageServers = new Kind<ImageServer>(SERVICE_NAME, "imageServers", {
    schema: imageServerSchema,
    id: (server) => server.id,
    defaults(birth) {
        const { world, index } = birth;
        const now = isoSeconds(bornAt(birth));
        return {
            // The API page's example ids are twenty digits.
            id: digits(world.random, 20),
            name: `image-server-${index}`,
            description: "",
            image_ref: {
                id: uuid(world.random),
                image_type: "gold",
                spce_code: "appstream.general.2",
                product_id: "appstream.general.2",
            },
            server_group_id: uuid(world.random),
            app_group_id: uuid(world.random),
            server_id: uuid(world.random),
            instance_id: uuid(world.random),
            image_id: null,
            status: "ACTIVE",
            authorize_accounts: [{ account: "emulator", account_type: "USER", domain: "emulator" }],
            create_time: now,
            update_time: now,
            enterprise_project_id: "0",
        };
    },
    onSeeded(world, project, server) {
        // A seed in the middle of something goes on to its end, as if begun at the seed.
        const planned = { service: SERVICE_NAME, project, subject: server.id };
        if (server.status === "CREATING") {
            world.plan(durations.draw(world, "create-image-server"), { ...planned, event: "server-created" });
        }
        if (server.status === "BUILDING") {
            world.plan(durations.draw(world, "build-image"), { ...planned, event: "image-built" });
        }
        if (server.status === "DELETING") {
            world.plan(durations.draw(world, "delete-image-server"), { ...planned, event: "server-deleted" });
        }
    },
});

/** Ids of jobs and sub-jobs are eighteen digits: more than a number of JavaScript holds. */
export const newJobId = (world: World): string => digits(world.random, 18);

const jobSchema = z.object({
    id: z.string(),
    job_type: z.enum(JOB_TYPES),
    begin_time: z.string().nullable(),
    end_time: z.string().nullable(),
    status: z.enum(JOB_STATES),
    sub_job_ids: z.array(z.string()),
    unfinished: z.number(),
    /** An outcome fault: goes on, but can't be read. */
    vanished: z.boolean(),
});
export type Job = z.infer<typeof jobSchema>;
export const jobs = new Kind<Job>(SERVICE_NAME, "jobs", {
    schema: jobSchema,
    id: (job) => job.id,
    defaults: ({ world }) => ({
        id: newJobId(world),
        job_type: "DELETE_SERVER",
        begin_time: isoSeconds(world.now()),
        end_time: null,
        status: "RUNNING",
        sub_job_ids: [],
        unfinished: 0,
        vanished: false,
    }),
});

const subJobSchema = z.object({
    id: z.string(),
    job_type: z.enum(JOB_TYPES),
    job_resource_info: z.object({ resource_id: z.string(), resource_name: z.string() }),
    begin_time: z.string().nullable(),
    end_time: z.string().nullable(),
    status: z.enum(SUB_JOB_STATES),
    job_execute_info: z.object({ error_code: z.string(), error_message: z.string() }).nullable(),
    project_id: z.string(),
    job_id: z.string(),
    /** Not shown: the image server, where the sub-job's resource is another thing (the image that is made of it). */
    image_server_id: z.string().nullable(),
    /** The state to which a server returns if its deletion fails. */
    previous_status: z.enum(SERVER_STATES).nullable(),
});
export type SubJob = z.infer<typeof subJobSchema>;
export const subJobs = new Kind<SubJob>(SERVICE_NAME, "subJobs", {
    schema: subJobSchema,
    id: (subJob) => subJob.id,
    defaults: ({ world, project }) => ({
        id: newJobId(world),
        job_type: "DELETE_SERVER",
        job_resource_info: { resource_id: "", resource_name: "" },
        begin_time: isoSeconds(world.now()),
        end_time: null,
        status: "RUNNING",
        job_execute_info: null,
        project_id: project,
        job_id: "",
        image_server_id: null,
        previous_status: null,
    }),
});

const listOrder = z.enum(["insertion", "newest-first", "arbitrary", "shuffled"]).default("arbitrary");

/** What the API's documentation leaves open. */
export const settings = new Settings(
    SERVICE_NAME,
    z.strictObject({
        /** CREATING and BUILDING targets: the whole call is refused, or their sub-jobs fail. */
        busyServers: z.enum(["refuse-call", "fail-sub-job"]).default("refuse-call"),
        /** Code of the refusal of CREATING and BUILDING servers. */
        busyCode: z.string().default("WKS.00211103"),
        /** Targets whose deletion is under way: the whole call is refused, or a second job fails for them, or they are ignored. */
        deletingServers: z.enum(["refuse-call", "fail-sub-job", "ignore"]).default("refuse-call"),
        /** The same id twice in one call. */
        duplicateIds: z.enum(["refuse-call", "collapse"]).default("refuse-call"),
        /** Whether `recursive` may be left out. */
        recursiveRequired: z.boolean().default(true),
        /** job_id when none of the ids exists. */
        jobIdWhenNothingToDo: z.enum(["absent", "present"]).default("absent"),
        /** What a server whose deletion failed shows. */
        afterFailedDeletion: z.enum(["previous", "ERROR"]).default("previous"),
        /** What the list shows where no enterprise project is named: what is in the default one, or everything. */
        listWithoutEnterpriseProject: z.enum(["default-only", "all"]).default("default-only"),
        /** In which order the list shows image servers. `arbitrary` is stable, `shuffled` differs from call to call. */
        serverOrder: listOrder,
        /** The same for jobs. */
        jobOrder: listOrder,
        /** How long ended jobs can still be read; null keeps them for ever. */
        jobRetentionSeconds: z.number().positive().nullable().default(86_400),
        /** Code for a job that does not exist. */
        jobNotFoundCode: z.string().default("WKS.00211104"),
        /** Code for an image server that does not exist. */
        serverNotFoundCode: z.string().default("WKS.00211101"),
        /** Whether the name of an image server must be unique. */
        uniqueNames: z.boolean().default(true),
    }),
);

export const durations = new Durations(SERVICE_NAME, {
    /** From the call until a job leaves WAITING. */
    "job-waits": seconds(2),
    "create-image-server": seconds(60),
    "build-image": seconds(120),
    "delete-image-server": seconds(30),
});

export const invalid = (problem: string): Refusal => new Refusal(400, "WKS.00211102", `Invalid parameter: ${problem}`);
export const conflict = (message: string, code = "WKS.00211103"): Refusal => new Refusal(409, code, message);
