import { createHash } from "node:crypto";
import * as z from "zod";
import { Refusal } from "../../gateway/refusal";
import { defaultUserId } from "../../identity/identity";
import { HOME_PROJECT_ID } from "../../identity/places";
import { seconds } from "../../world/duration";
import { bornAt, Kind } from "../../world/kind";
import { hex32, LETTERS_AND_DIGITS, randomText, uuid } from "../../world/random";
import { Durations, Settings } from "../../world/settings";
import { isoSeconds } from "../../world/world";

export const SERVICE_NAME = "roma";

/** The instance with which the home project is born. */
export const HOME_INSTANCE_ID = "01234567-89ab-4cde-8f01-23456789abcd";

/** Every project's own instance; always the same. */
export function instanceIdOf(project: string): string {
    if (project === HOME_PROJECT_ID) {
        return HOME_INSTANCE_ID;
    }
    const hex = createHash("sha256").update(`instance of ${project}`).digest("hex");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const INSTANCE_STATES = [
    "CREATING",
    "CREATE_FAILED",
    "ERROR",
    "RUNNING",
    "FREEZING",
    "FROZEN",
    "DELETING",
    // Spelt so by the API.
    "DELETE_FALIED",
] as const;

const instanceSchema = z.object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    flavor_id: z.string(),
    flavor_type: z.string(),
    status: z.enum(INSTANCE_STATES),
    vpc_id: z.string(),
    subnet_id: z.string(),
    enterprise_project_id: z.string(),
});
export type Instance = z.infer<typeof instanceSchema>;
export const instances = new Kind<Instance>(SERVICE_NAME, "instances", {
    schema: instanceSchema,
    id: (instance) => instance.id,
    defaults: ({ world, index }) => ({
        id: uuid(world.random),
        name: `roma-${index}`,
        description: "",
        flavor_id: "00300-30101-0--0",
        flavor_type: "basic",
        status: "RUNNING",
        vpc_id: uuid(world.random),
        subnet_id: uuid(world.random),
        enterprise_project_id: "0",
    }),
});

export const APP_ROLES = ["read", "access", "delete", "modify", "admin"] as const;
const userSchema = z.object({ user_id: z.string(), user_name: z.string() });
const appSchema = z.object({
    id: z.string(),
    instance_id: z.string(),
    name: z.string(),
    remark: z.string(),
    roles: z.array(z.enum(APP_ROLES)),
    create_time: z.string(),
    update_time: z.string(),
    created_user: userSchema,
    last_updated_user: userSchema,
    owner: z.boolean(),
    key: z.string(),
    secret: z.string(),
    favorite: z.boolean(),
});
export type App = z.infer<typeof appSchema>;
export const apps = new Kind<App>(SERVICE_NAME, "apps", {
    schema: appSchema,
    id: (app) => app.id,
    defaults(birth) {
        const { world, project, index } = birth;
        const now = isoSeconds(bornAt(birth));
        const user = { user_id: defaultUserId, user_name: "emulator" };
        return {
            id: uuid(world.random),
            instance_id: instanceIdOf(project),
            name: `app-${index}`,
            remark: "",
            roles: ["admin"],
            create_time: now,
            update_time: now,
            created_user: user,
            last_updated_user: user,
            owner: true,
            key: randomText(world.random, 20, LETTERS_AND_DIGITS),
            secret: randomText(world.random, 40, LETTERS_AND_DIGITS),
            favorite: false,
        };
    },
});

export const TASK_TYPES = ["REALTIME", "TIMING"] as const;
export const EXECUTE_STATES = ["UNSTARTED", "WAITING", "RUNNING", "SUCCESS", "CANCELLED", "ERROR"] as const;
const taskSchema = z.object({
    task_id: z.string().max(32),
    /** Not shown: who made it. */
    creator_id: z.string(),
    instance_id: z.string(),
    task_name: z.string(),
    task_type: z.enum(TASK_TYPES),
    /** 0: stopped, 1: running. */
    status: z.union([z.literal(0), z.literal(1)]),
    /** World time in milliseconds. */
    created_date: z.number(),
    version: z.string(),
    last_modified_time: z.number(),
    execute_status: z.enum(EXECUTE_STATES),
    source_app_id: z.string(),
    target_app_id: z.string(),
    source_instance_id: z.string(),
    target_instance_id: z.string(),
    source_datasource_id: z.string(),
    target_datasource_id: z.string(),
    ext_type: z.string(),
    enterprise_project_id: z.string(),
    task_tag: z.string(),
    description: z.string(),
    task_detail: z.string(),
});
export type FdiTask = z.infer<typeof taskSchema>;
export const tasks = new Kind<FdiTask>(SERVICE_NAME, "tasks", {
    schema: taskSchema,
    id: (task) => task.task_id,
    defaults(birth) {
        const { world, project, index } = birth;
        const born = Math.floor(bornAt(birth));
        return {
            task_id: hex32(world.random),
            creator_id: defaultUserId,
            instance_id: instanceIdOf(project),
            task_name: `task-${index}`,
            task_type: "TIMING",
            status: 0,
            created_date: born,
            version: "1",
            last_modified_time: born,
            execute_status: "UNSTARTED",
            source_app_id: "",
            target_app_id: "",
            source_instance_id: instanceIdOf(project),
            target_instance_id: instanceIdOf(project),
            source_datasource_id: "",
            target_datasource_id: "",
            ext_type: "",
            enterprise_project_id: "0",
            task_tag: "",
            description: "",
            task_detail: "{}",
        };
    },
});

const assetSchema = z.object({ type: z.enum(["application", "task"]), id: z.string() });
export type Asset = z.infer<typeof assetSchema>;
const reasonSchema = z.object({
    resource_type: z.enum(["application", "task"]),
    resource_name: z.string(),
    error_code: z.string(),
    error_msg: z.string(),
});
export type Reason = z.infer<typeof reasonSchema>;

const jobSchema = z.object({
    id: z.string(),
    instance_id: z.string(),
    user_id: z.string(),
    action: z.enum(["delete", "export"]),
    state: z.enum(["RUNNING", "SUCCEEDED", "FAILED"]),
    assets: z.array(assetSchema),
    /** Steps gone, of as many as there are assets (one if there are none). */
    steps: z.number(),
    failures: z.array(reasonSchema),
    /** World time in milliseconds. */
    begin: z.number(),
    end: z.number().nullable(),
    archive_id: z.string().nullable(),
    /** Outcome faults: never ends; goes on, but can't be read. */
    stuck: z.boolean(),
    vanished: z.boolean(),
});
export type AssetJob = z.infer<typeof jobSchema>;
export const jobs = new Kind<AssetJob>(SERVICE_NAME, "jobs", {
    schema: jobSchema,
    id: (job) => job.id,
    defaults: ({ world, project }) => ({
        id: hex32(world.random),
        instance_id: instanceIdOf(project),
        user_id: defaultUserId,
        action: "delete",
        state: "RUNNING",
        assets: [],
        steps: 0,
        failures: [],
        begin: world.now(),
        end: null,
        archive_id: null,
        stuck: false,
        vanished: false,
    }),
});

const listOrder = z.enum(["insertion", "newest-first", "arbitrary", "shuffled"]).default("arbitrary");

/** What the API's documentation leaves open. */
export const settings = new Settings(
    SERVICE_NAME,
    z.strictObject({
        /** Whether a running asset job keeps its user from another in the whole account, or only on the same instance. */
        exclusivity: z.enum(["per-user", "per-instance"]).default("per-user"),
        /** "100 applications and tasks": together, or each. */
        assetLimit: z.enum(["in-total", "each"]).default("in-total"),
        /** A delete call with two empty arrays. */
        noAssets: z.enum(["refuse-call", "empty-job"]).default("refuse-call"),
        /** The same id twice in one call. */
        duplicateIds: z.enum(["refuse-call", "collapse"]).default("refuse-call"),
        /** Ids that do not exist: the call is refused, or the job fails for them, or they are ignored. */
        unknownIds: z.enum(["refuse-call", "fail-job", "ignore"]).default("refuse-call"),
        /** Code of the refusal of unknown ids. */
        unknownIdCode: z.string().default("ROMA.10010"),
        /** Applications without the delete role: the call is refused, or the job fails for them. */
        missingRole: z.enum(["refuse-call", "fail-job"]).default("refuse-call"),
        /** What somebody else deleted while the job ran. */
        goneDuringJob: z.enum(["fail-job", "ignore"]).default("fail-job"),
        /** FDI tasks that run when the job comes to them. */
        runningTasks: z.enum(["fail-job", "delete"]).default("fail-job"),
        /** When things go: one after the other while the job runs, or all as it ends. */
        disappearance: z.enum(["gradually", "at-end"]).default("gradually"),
        /**
         * What becomes of the others if one can't be deleted. `go` is the default because a job lists several reasons.
         * `stay`: what comes after the first failure stays, and has no reason; with `at-end` all of them.
         */
        othersOnFailure: z.enum(["go", "stay"]).default("go"),
        /** How a job's states are spelt: running, succeeded, failed. */
        jobStatusSpelling: z
            .enum(["RUNNING|SUCCEEDED|FAILED", "Running|Success|Failed", "Running|Finished|Failed"])
            .default("RUNNING|SUCCEEDED|FAILED"),
        /** The page says `reason`, the models of all SDKs `reasons`. */
        reasonField: z.enum(["reason", "reasons"]).default("reasons"),
        /** `type` of a deletion's job; null leaves it out. */
        deleteJobType: z.string().nullable().default(null),
        /** Numbers were documented in 2022. */
        jobTimes: z.enum(["iso", "milliseconds"]).default("iso"),
        /** How long ended jobs can still be read; null keeps them for ever. */
        jobRetentionSeconds: z.number().positive().nullable().default(86_400),
        /** HTTP status for a job that does not exist. */
        jobNotFoundStatus: z.number().int().min(400).max(499).default(400),
        /** Code for a job that does not exist. */
        jobNotFoundCode: z.string().default("ROMA.13000"),
        /** HTTP status for any other thing that does not exist. */
        notFoundStatus: z.number().int().min(400).max(499).default(404),
        /** Documented for sister components. */
        notFoundCode: z.string().default("ROMA.00110006"),
        /** A missing or wrong token: in ROMA's words with 400, or the gateway's with 401. Signatures are the gateway's. */
        tokenErrors: z.enum(["service", "gateway"]).default("service"),
        /** Code of the refusal of a name that is taken. */
        appNameTakenCode: z.string().default("ROMA.13000"),
        /** Page length of the lists where a client names none. */
        defaultLimit: z.number().int().min(1).max(100).default(10),
        /** In which order the list shows applications. `arbitrary` is stable, `shuffled` differs from call to call. */
        appOrder: listOrder,
        /** Whose applications and FDI tasks the lists show: those that the caller made, as IAM users see them, or everybody's. */
        listedAssets: z.enum(["own", "everybody's"]).default("own"),
        /** Reading by its id what somebody else made: shown, refused as ROMA refuses (400 ROMA.12001), or as IAM does (403). */
        othersById: z.enum(["show", "no-permission", "forbidden"]).default("show"),
    }),
);

export const durations = new Durations(SERVICE_NAME, {
    /** A whole job, however many assets it has. */
    "delete-assets": seconds(30),
    "export-assets": seconds(20),
    /** From run until an FDI task executes, and how long a timed one does. */
    "task-waits": seconds(2),
    "task-executes": seconds(60),
});

export const refusal = (code: string, message: string, error_details?: string, status = 400): Refusal =>
    new Refusal(status, code, message, error_details === undefined ? {} : { error_details });
export const invalid = (problem: string): Refusal => refusal("ROMA.13000", "Invalid parameters.", problem);
