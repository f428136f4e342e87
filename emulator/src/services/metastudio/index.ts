import { notAuthenticated } from "../../gateway/refusal";
import type { Route } from "../../gateway/route";
import type { EmulatedService, ErrorShape } from "../../service";
import { actionRoutes } from "./action-routes";
import { events, processes } from "./actions";
import { assetRoutes } from "./asset-routes";
import { assets } from "./model";
import { durations, invalid, refuse, SERVICE_NAME, settings } from "./rules";

const errors: ErrorShape = {
    body: (refusal) => ({ error_code: refusal.code, error_msg: refusal.message }),
    invalid: (problem) =>
        problem.endsWith("not valid JSON") ? refuse("MSS.10000002", `JSON exception: ${problem}`) : invalid(problem),
    emptyBody: () => refuse("MSS.00000002", "Invalid request body"),
    methodNotAllowed: (method) => refuse("MSS.00010004", `Method not allowed: ${method}`),
    unknownPath: (path) =>
        /^\/v1\/[^/]+\/digital-assets(-action)?(\/|$)/.test(path)
            ? refuse("MSS.00010003", "The API does not exist")
            : undefined,
    // The page is about tokens: a wrong signature never gets past the gateway.
    notAuthenticated(suffix, world) {
        const isAboutToken = /^(x-auth-token|decrypt token|token expires)/.test(suffix);
        const { notAuthenticated: token, wrongSignature } = settings.in(world);
        const by = isAboutToken ? token : wrongSignature;
        return by === "gateway" ? notAuthenticated(suffix) : refuse("MSS.00000001", "Unauthorized");
    },
    projectMismatch: () => refuse("MSS.00010009", "The tenant ID does not match"),
};

/** The third party's user may be named in a header, without Chinese characters. */
const withAppUser = (route: Route): Route => ({
    ...route,
    handle(call, request) {
        const user = call.header("x-app-userid") ?? "";
        if (!/^[\x20-\x7e]*$/.test(user)) {
            throw refuse("MSS.00000003", "Invalid parameter: X-App-UserId");
        }
        return route.handle(call, request);
    },
});

/** MetaStudio: digital assets, their recycle bin, and batch actions on them. */
export const metastudio: EmulatedService = {
    name: SERVICE_NAME,
    errors,
    routes: [...assetRoutes, ...actionRoutes].map(withAppUser),
    kinds: [assets],
    settings,
    durations,
    processes,
    events,
};
