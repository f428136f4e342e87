import { type Context, Hono } from "hono";
import * as z from "zod";
import type { Tenancy } from "../gateway/gateway";
import type { Control } from "./control";
import { ControlProblem } from "./problem";
import { changeSchema, clockSchema, removeSchema, snapshotSchema } from "./schemas";

export const CONTROL_PATH = "/_emulator";

interface ControlApiParts {
    readonly control: Control;
    readonly tenancy: () => Tenancy;
    readonly reset: () => void;
    /** Demanded as a bearer token if given. */
    readonly token: string | undefined;
}

/** The control API over HTTP; README.md beside the emulator's index describes it. */
export function controlApi({ control, tenancy, reset, token }: ControlApiParts): Hono {
    const api = new Hono().basePath(CONTROL_PATH);
    api.use("*", async (context, next) => {
        if (token !== undefined && context.req.header("authorization") !== `Bearer ${token}`) {
            return context.json({ problem: "the control API needs its token: Authorization: Bearer TOKEN" }, 401);
        }
        const isWrite = context.req.method !== "GET";
        // A page in a browser can post text to this machine without asking, but not JSON.
        if (isWrite && !context.req.header("content-type")?.startsWith("application/json")) {
            return context.json({ problem: "send Content-Type: application/json" }, 415);
        }
        return next();
    });
    api.onError((error, context) => {
        if (error instanceof z.ZodError) {
            return context.json({ problem: z.prettifyError(error) }, 400);
        }
        if (error instanceof ControlProblem || error instanceof SyntaxError) {
            return context.json({ problem: error.message }, 400);
        }
        throw error;
    });
    api.notFound((context) => context.json({ problem: "no such control call" }, 404));

    const given = async <T>(context: Context, schema: z.ZodType<T>): Promise<T> =>
        schema.parse(await context.req.json());
    api.get("/state", (context) => context.json(control.state()));
    api.post("/seed", async (context) => context.json(control.seed(await context.req.json())));
    api.post("/reset", (context) => {
        reset();
        return context.json({});
    });
    api.post("/clock", async (context) => {
        control.clock(await given(context, clockSchema));
        return context.json({});
    });
    api.post("/faults/clear", (context) => {
        control.clearFaults();
        return context.json({});
    });
    api.get("/objects/:service/:kind", (context) => {
        const { service, kind } = context.req.param();
        return context.json(control.objects({ service, kind, project: context.req.query("project") }));
    });
    api.post("/objects/change", async (context) =>
        context.json({ changed: control.change(await given(context, changeSchema)) }),
    );
    api.post("/objects/remove", async (context) =>
        context.json({ removed: control.remove(await given(context, removeSchema)) }),
    );
    api.get("/requests", (context) => context.json(tenancy().log));
    api.post("/requests/clear", (context) => {
        tenancy().log.length = 0;
        return context.json({});
    });
    api.get("/audit-log", (context) => context.json(control.auditLog()));
    api.get("/snapshot", (context) => context.json(control.snapshot()));
    api.post("/snapshot", async (context) => {
        const snapshot = await given(context, snapshotSchema);
        reset();
        control.restore(snapshot);
        return context.json({});
    });
    return api;
}
