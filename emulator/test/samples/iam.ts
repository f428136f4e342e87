import { project } from "../harness";
import type { Samples } from "./sample";

const user = { name: "emulator", password: "emulator", domain: { name: "emulator" } };
const login = (scope: object) => ({
    unsigned: true,
    body: { auth: { identity: { methods: ["password"], password: { user } }, scope } },
});

export const iam: Samples = {
    withoutModel: {
        "HEAD /v3/auth/tokens": "clients of OpenStack ask so whether a token is good",
        "GET /v3/": "the address that the versions name",
    },
    async play({ send, exchange }) {
        await send("POST", "/v3/auth/tokens", login({ domain: { name: "emulator" } }));
        const made = await exchange("POST", "/v3/auth/tokens", login({ project: { id: project } }));
        const { headers } = made;
        const withToken = { unsigned: true, headers: { "x-auth-token": headers.get("x-subject-token") ?? "" } };
        const anybody = { unsigned: true };
        for (const path of ["/", "/v3", "/v3/"]) {
            await send("GET", path, anybody);
        }
        const subject = { headers: { "x-subject-token": headers.get("x-subject-token") ?? "" } };
        await send("GET", "/v3/auth/tokens", subject);
        await send("HEAD", "/v3/auth/tokens", subject);
        await send("GET", "/v3/auth/catalog", withToken);
        await send("GET", "/v3/regions", withToken);
        await send("GET", "/v3/regions/cn-north-4", withToken);
        const { services } = await send("GET", "/v3/services", withToken);
        await send("GET", `/v3/services/${services[0].id}`, withToken);
        const { endpoints } = await send("GET", "/v3/endpoints?interface=public", withToken);
        await send("GET", `/v3/endpoints/${endpoints[0].id}`, withToken);
        await send("GET", `/v3/projects/${project}`, withToken);
        await send("GET", `/v3/users/${made.body.token.user.id}/projects`, withToken);
        await send("GET", "/v3/projects?name=cn-north-4", withToken);
        await send("GET", "/v3/auth/projects", withToken);
        await send("GET", "/v3/auth/domains");
        await send("POST", "/v3.0/OS-CREDENTIAL/securitytokens", {
            ...withToken,
            body: { auth: { identity: { methods: ["token"], token: { duration_seconds: 900 } } } },
        });
    },
};
