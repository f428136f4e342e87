import * as z from "zod";
import { type Call, ok, type Route, route } from "../../gateway/route";
import { LETTERS_AND_DIGITS, randomText } from "../../world/random";
import { isoSeconds } from "../../world/world";
import { queryInteger } from "../paging";
import { INSTANCE_PATH, instanceOf, isListedTo, listed, notFound, refuseOthers } from "./instance-routes";
import { mayDelete, remove } from "./jobs";
import { APP_ROLES, type App, apps, invalid, refusal, settings } from "./model";

const name = z
    .string()
    .regex(/^[\p{L}\p{N}\-_. ()（）]{1,64}$/u, "must be letters, digits, -_., spaces or parentheses");
const truth = z.enum(["true", "false"]).transform((text) => text === "true");
const credential = z.string().min(1).max(128);

const appBody = z.object({
    name,
    remark: z.string().max(255).optional(),
    key: credential.optional(),
    secret: credential.optional(),
    favorite: z.boolean().optional(),
});

/** An update names what is to change; key and secret are not changed by it. */
const changeBody = appBody.pick({ remark: true, favorite: true }).extend({ name: name.optional() });

const view = ({ instance_id: _, secret: __, ...app }: App) => app;

function appsOf(call: Call, id: string | undefined): readonly App[] {
    const instance = instanceOf(call, id).id;
    const { appOrder } = settings.in(call.world);
    const all = apps.in(call.world, call.project).list(appOrder);
    return all.filter(({ instance_id }) => instance_id === instance);
}

function appOf(call: Call, params: Readonly<Record<string, string>>): App {
    const instance = instanceOf(call, params.instance_id).id;
    const app = apps.in(call.world, call.project).get(params.app_id ?? "");
    if (app === undefined || app.instance_id !== instance) {
        throw notFound(call, "application", params.app_id);
    }
    return app;
}

function refuseSameName(call: Call, instance: string | undefined, name: string, but?: App): void {
    if (!appsOf(call, instance).some((other) => other.name === name && other !== but)) {
        return;
    }
    const { appNameTakenCode } = settings.in(call.world);
    throw refusal(appNameTakenCode, "Invalid parameters.", `An application named ${name} exists already.`);
}

const userOf = ({ identity }: Call) => ({ user_id: identity?.userId ?? "", user_name: identity?.userName ?? "" });

function touch(call: Call, app: App): void {
    app.update_time = isoSeconds(call.world.now());
    app.last_updated_user = userOf(call);
}

export const appRoutes: readonly Route[] = [
    route({
        operation: "ListApps",
        method: "GET",
        path: `${INSTANCE_PATH}/apps`,
        query: z.object({
            offset: queryInteger(0, 10_000).default(0),
            limit: queryInteger(1, 500).optional(),
            name: z.string().optional(),
            favorite: truth.optional(),
            auth_role: z.enum(APP_ROLES).optional(),
            owner: truth.optional(),
            user_name: z.string().optional(),
        }),
        handle(call, { params, query }) {
            const { name, favorite, auth_role, owner, user_name } = query;
            const found = appsOf(call, params.instance_id).filter(
                (app) =>
                    isListedTo(call, app.created_user.user_id) &&
                    (name === undefined || app.name.includes(name)) &&
                    (favorite === undefined || app.favorite === favorite) &&
                    (auth_role === undefined || app.roles.includes(auth_role)) &&
                    (owner === undefined || app.owner === owner) &&
                    (user_name === undefined || app.created_user.user_name === user_name),
            );
            return listed(call, "apps", found, query, view);
        },
    }),
    route({
        operation: "CreateApp",
        method: "POST",
        path: `${INSTANCE_PATH}/apps`,
        body: appBody,
        handle(call, { params, body }) {
            const instance_id = instanceOf(call, params.instance_id).id;
            refuseSameName(call, instance_id, body.name);
            const user = userOf(call);
            const birth = { world: call.world, project: call.project, index: 0 };
            const given = { ...body, instance_id, created_user: user, last_updated_user: user };
            return { status: 201, body: view(apps.create(birth, given)) };
        },
    }),
    route({
        operation: "CheckApp",
        method: "GET",
        path: `${INSTANCE_PATH}/validate-apps`,
        query: z.object({ name: z.string().optional(), id: z.string().optional(), key: z.string().optional() }),
        handle(call, { params, query: { name, id, key } }) {
            if (name === undefined && id === undefined && key === undefined) {
                throw invalid("name, id or key is needed");
            }
            const found = appsOf(call, params.instance_id).find(
                (app) =>
                    (name === undefined || app.name === name) &&
                    (id === undefined || app.id === id) &&
                    (key === undefined || app.key === key),
            );
            if (found === undefined) {
                throw notFound(call, "application", id ?? name ?? key);
            }
            return ok({ id: found.id, name: found.name, remark: found.remark });
        },
    }),
    route({
        operation: "ShowApp",
        method: "GET",
        path: `${INSTANCE_PATH}/apps/:app_id`,
        handle(call, { params }) {
            const app = appOf(call, params);
            refuseOthers(call, app.created_user.user_id, app.id);
            return ok(view(app));
        },
    }),
    route({
        operation: "UpdateApp",
        method: "PUT",
        path: `${INSTANCE_PATH}/apps/:app_id`,
        body: changeBody,
        handle(call, { params, body }) {
            const app = appOf(call, params);
            const { name = app.name, remark = app.remark, favorite = app.favorite } = body;
            refuseSameName(call, params.instance_id, name, app);
            Object.assign(app, { name, remark, favorite });
            touch(call, app);
            return ok(view(app));
        },
    }),
    route({
        operation: "DeleteApp",
        method: "DELETE",
        path: `${INSTANCE_PATH}/apps/:app_id`,
        handle(call, { params }) {
            const object = appOf(call, params);
            if (!mayDelete({ type: "application", object })) {
                throw refusal("ROMA.12001", "No permission to operate the application.", object.id);
            }
            remove(call.world, call.project, { type: "application", id: object.id }, "DeleteApp");
            return { status: 204 };
        },
    }),
    route({
        operation: "ShowAppSecret",
        method: "GET",
        path: `${INSTANCE_PATH}/apps/:app_id/secret`,
        handle(call, { params }) {
            const { id, secret } = appOf(call, params);
            return ok({ id, secret });
        },
    }),
    route({
        operation: "ResetAppSecret",
        method: "PUT",
        path: `${INSTANCE_PATH}/apps/:app_id/secret`,
        body: z.object({ secret: credential.optional() }),
        handle(call, { params, body }) {
            const app = appOf(call, params);
            app.secret = body.secret ?? randomText(call.world.random, 40, LETTERS_AND_DIGITS);
            touch(call, app);
            return ok({ id: app.id, secret: app.secret });
        },
    }),
];
