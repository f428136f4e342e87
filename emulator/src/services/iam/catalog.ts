import { createHash } from "node:crypto";
import type { Project } from "../../identity/identity";
import { REGIONS } from "../../identity/places";

/** Services as a catalog names them; `global` ones stand in every region as `*`. */
const SERVICES = [
    { name: "iam", global: true, path: () => "/v3.0" },
    // Clients of OpenStack look for this one.
    { name: "keystone", type: "identity", global: true, path: () => "/v3" },
    { name: "roma", global: false, path: (project: string) => `/v2/${project}` },
    { name: "appstream", global: false, path: (project: string) => `/v1/${project}` },
    { name: "clouddc", global: false, path: (project: string) => `/v1/${project}` },
    { name: "metastudio", global: false, path: (project: string) => `/v1/${project}` },
    { name: "vias", global: false, path: (project: string) => `/v2/${project}` },
] as const;

interface Endpoint {
    readonly id: string;
    readonly interface: "public";
    readonly region: string;
    readonly region_id: string;
    readonly url: string;
}

export interface CatalogEntry {
    readonly id: string;
    readonly name: string;
    readonly type: string;
    readonly endpoints: readonly Endpoint[];
}

const idOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

const regionOf = (project: Project): string => project.name.split("_")[0] ?? project.name;

/** What a token may use: the services of its project's region and the global ones, all at the emulator's own address. */
export function catalogOf(origin: string, project: Project | undefined): CatalogEntry[] {
    const found: CatalogEntry[] = [];
    const regional = project === undefined ? [] : [regionOf(project)];
    for (const { name, global, path, ...rest } of SERVICES) {
        // IAM has endpoints in the regions too.
        const places = global ? ["*", ...regional] : regional;
        if (places.length === 0) {
            continue;
        }
        const type = "type" in rest ? rest.type : name;
        const endpoints = places.map((region) => endpoint(name, region, `${origin}${path(project?.id ?? "")}`));
        found.push({ id: idOf(`service ${name}`), name, type, endpoints });
    }
    return found;
}

const endpoint = (service: string, region: string, url: string): Endpoint => ({
    id: idOf(`endpoint of ${service} in ${region}`),
    interface: "public",
    region,
    region_id: region,
    url,
});

/** All services, whoever asks; project ids are left open in the addresses. */
export function wholeCatalog(origin: string): CatalogEntry[] {
    return SERVICES.map(({ name, global, path, ...rest }) => ({
        id: idOf(`service ${name}`),
        name,
        type: "type" in rest ? rest.type : name,
        endpoints: (global ? ["*", ...REGIONS] : REGIONS).map((region) =>
            endpoint(name, region, `${origin}${path("$(tenant_id)s")}`),
        ),
    }));
}
