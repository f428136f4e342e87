import { project } from "../harness";
import type { Samples } from "./sample";

const BASE = `/v1/${project}`;
const wish = {
    name: "node",
    image_id: "image",
    vpc_id: "vpc",
    network_interfaces: [{ subnet_id: "subnet" }],
    password: "Secret-1",
};

export const clouddc: Samples = {
    async play({ send, emulator, later }) {
        const [servers = []] = await emulator.control.seed({
            objects: [{ service: "clouddc", kind: "physicalServers", count: 3 }],
        });
        const [first = "", second = ""] = servers;
        await send("GET", `${BASE}/physicalservers?limit=100`);
        await send("GET", `${BASE}/physicalservers/status`);
        await send("GET", `${BASE}/physicalservers/${first}`);
        const tags = [{ key: "team", value: "night" }];
        await send("POST", `${BASE}/physicalservers/${first}/tags/create`, { body: { tags } });
        await send("GET", `${BASE}/physicalservers/${first}`);
        await send("POST", `${BASE}/instances`, { body: { ...wish, placement: { server_id: first } } });
        await send("POST", `${BASE}/instances/batch-create`, {
            body: { ...wish, min_count: 1, max_count: 1, placement: { server_id_set: [second] } },
        });
        later(3600);
        await send("GET", `${BASE}/physicalservers/${first}`);
        const { instances } = await send("GET", `${BASE}/instances?limit=100`);
        const ids = instances.map(({ id }: { id: string }) => id);
        const [id = ""] = ids;
        await send("POST", `${BASE}/instances/${id}/tags/create`, { body: { tags } });
        await send("GET", `${BASE}/instances?instance_id=${id}&instance_state=running`);
        await send("GET", `${BASE}/instances/${id}/status`);
        await send("POST", `${BASE}/instances/${id}/tags/delete`, { body: { tags } });
        await send("PUT", `${BASE}/instances/password`, {
            body: { new_password: "Secret-2", instance_id_set: ids },
        });
        await send("PUT", `${BASE}/instances/reinstall`, {
            body: { instance_id_set: ids, password: "Secret-1", image_id: "other" },
        });
        later(3600);
        await send("PUT", `${BASE}/instances/${id}/ip`, {
            body: { vpc_id: "vpc", nics: [{ subnet_id: "subnet", ip_address: "192.168.0.9" }] },
        });
        later(3600);
        await send("PUT", `${BASE}/physicalservers/power-state`, {
            body: { action: "power off", server_id_set: [first] },
        });
        await send("GET", `${BASE}/physicalservers/${first}`);
        later(3600);
        await emulator.control.seed({
            outcomes: [{ service: "clouddc", process: "delete-instance", outcome: "fail", times: 1 }],
        });
        await send("DELETE", `${BASE}/instances/${id}`);
        later(3600);
        await send("GET", `${BASE}/instances/${id}/status`);
        await send("GET", `${BASE}/instances?limit=100`);
        await send("POST", `${BASE}/instances/batch-delete`, { body: { instance_id_set: ids } });
        await send("GET", `${BASE}/instances/${id}/status`);
    },
};
