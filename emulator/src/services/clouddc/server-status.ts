import type { PhysicalServer } from "./model";

/** How many, in all and in each data centre. */
function counted(servers: readonly PhysicalServer[]) {
    const dc_stats: Record<string, number> = {};
    for (const { location } of servers) {
        dc_stats[location.dc] = (dc_stats[location.dc] ?? 0) + 1;
    }
    return { count: servers.length, dc_stats };
}

/** The servers of a project in numbers, as ShowServerStatus has them. */
export function serverStatus(servers: readonly PhysicalServer[]) {
    const inHealth = (...states: PhysicalServer["health_state"][]) =>
        counted(servers.filter(({ health_state }) => states.includes(health_state)));
    const powered = (state: PhysicalServer["power_state"]) =>
        servers.filter(({ power_state }) => power_state === state).length;
    return {
        server_status: {
            total: counted(servers),
            ok: inHealth("OK"),
            warning: inHealth("Warning"),
            critical: inHealth("Critical"),
            unknown: inHealth("Unknown"),
            health: inHealth("OK"),
            unHealth: inHealth("Warning", "Critical"),
            isolation: counted(servers.filter(({ manage_state }) => manage_state === "maintain")),
        },
        server_power_status: { on: powered("on"), off: powered("off"), unknown: 0 },
        // The SDKs' models of it have no field.
        server_manage_state: {},
    };
}
