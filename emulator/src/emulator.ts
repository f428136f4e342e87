import { CONTROL_PATH, controlApi } from "./control/api";
import { controlClient, type EmulatorControl } from "./control/client";
import { Control } from "./control/control";
import { directControl } from "./control/direct";
import type { Seed } from "./control/schemas";
import { Faults } from "./gateway/faults";
import { Gateway, type Tenancy } from "./gateway/gateway";
import { type BareRequest, receive, receiveBare } from "./gateway/receive";
import { Throttles } from "./gateway/throttle";
import { openAccount } from "./identity/identity";
import type { EmulatedService } from "./service";
import { services as allServices } from "./services";
import { type TimeSource, WorldClock } from "./world/clock";
import type { Random } from "./world/random";
import { World } from "./world/world";

export interface EmulatorOptions {
    readonly clock: TimeSource;
    readonly random: Random;
    /** Waits out an injected delay, the only thing for which the emulator ever waits. */
    readonly sleep: (ms: number) => Promise<void>;
    /** How much faster than the clock the world runs; 1 if left out. */
    readonly speed?: number;
    /** Objects, settings and faults to begin with; also after each reset. */
    readonly seed?: Seed;
    /** If given, the control API demands it as a bearer token. */
    readonly controlToken?: string;
    readonly services?: readonly EmulatedService[];
}

export interface Emulator {
    /**
     * Answers one request as the cloud would. Throws EmulatedNetworkFault where the connection would break. The caller
     * checks the Host header if requests come from a network. `body` is that of a GET or HEAD: official SDKs send one and
     * sign it, and a Request of the web can't hold it.
     */
    fetch(request: Request, body?: Uint8Array): Promise<Response>;
    /** The same for services alone, and without the weight of the web's Request and Response: for worlds of very many requests. */
    exchange(request: BareRequest): Promise<BareAnswer>;
    readonly control: EmulatorControl;
    /** Shell variables that name what the emulator was born with. */
    variables(): Readonly<Record<string, string>>;
}

/** Names of headers in lower case. */
export interface BareAnswer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

/** An emulator in this process: no port, no timer, no time or chance but what it is given. */
export function createEmulator(options: EmulatorOptions): Emulator {
    const { clock, random, sleep, speed = 1, controlToken, seed, services = allServices } = options;
    const byName = new Map(services.map((service) => [service.name, service]));
    let variables: Record<string, string> = {};

    const born = (): Tenancy => {
        const world = new World(new WorldClock(clock, speed), random, (inWorld, event) => {
            byName.get(event.service)?.events[event.event]?.(inWorld, event);
        });
        openAccount(world);
        variables = Object.assign({}, ...services.map((service) => service.furnish?.(world) ?? {}));
        return { world, faults: new Faults(random), throttles: new Throttles(), log: [] };
    };
    let tenancy = born();
    const current = () => tenancy;
    const control = new Control(services, current);
    const reset = () => {
        tenancy = born();
        if (seed !== undefined) {
            control.seed(seed);
        }
    };
    if (seed !== undefined) {
        control.seed(seed);
    }

    const gateway = new Gateway(services, current, sleep);
    let api: ReturnType<typeof controlApi> | undefined;
    const answer = async (request: Request, body?: Uint8Array): Promise<Response> => {
        const { pathname } = new URL(request.url);
        const isControl = pathname === CONTROL_PATH || pathname.startsWith(`${CONTROL_PATH}/`);
        if (isControl) {
            api ??= controlApi({ control, tenancy: current, reset, token: controlToken });
            return api.fetch(request);
        }
        const { status, headers, text } = await gateway.answer(await receive(request, body));
        return new Response(text === "" ? null : text, { status, headers });
    };
    const exchange = async (request: BareRequest): Promise<BareAnswer> => {
        const { status, headers, text } = await gateway.answer(receiveBare(request));
        const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
        return { status, headers: Object.fromEntries(lowered), body: text };
    };
    return {
        fetch: answer,
        exchange,
        control: {
            ...controlClient("http://emulator.invalid", controlToken, answer),
            ...directControl(control),
        },
        variables: () => variables,
    };
}
