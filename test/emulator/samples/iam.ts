import { project } from "../harness";
import type { Samples } from "./sample";

const user = { name: "emulator", password: "emulator", domain: { name: "emulator" } };
const login = (scope: object) => ({
    unsigned: true,
    body: { auth: { identity: { methods: ["password"], password: { user } }, scope } },
});

export const iam: Samples = {
    open: ["every answer has the shape of the official SDK's model", "null for what may be left out is as if it were"],
    async play({ send, exchange }) {
        await send("POST", "/v3/auth/tokens", login({ domain: { name: "emulator" } }));
        const { headers } = await exchange("POST", "/v3/auth/tokens", login({ project: { id: project } }));
        const withToken = { unsigned: true, headers: { "x-auth-token": headers.get("x-subject-token") ?? "" } };
        await send("GET", "/v3/projects?name=cn-north-4", withToken);
        await send("GET", "/v3/auth/projects", withToken);
        await send("GET", "/v3/auth/domains");
        await send("POST", "/v3.0/OS-CREDENTIAL/securitytokens", {
            ...withToken,
            body: { auth: { identity: { methods: ["token"], token: { duration_seconds: 900 } } } },
        });
    },
};
