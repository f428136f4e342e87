import { services } from "../src/services";
import { type Harness, harness, type Reply, type SendOptions } from "./harness";
import { NO_VALUE, nameless, problemsIn, type Shapes, shapesOf, withNulls, withWrongValues } from "./model-shapes";
import { clouddc } from "./samples/clouddc";
import { iam } from "./samples/iam";
import { metastudio } from "./samples/metastudio";
import { roma } from "./samples/roma";
import type { Samples } from "./samples/sample";
import { vias } from "./samples/vias";
import { workspaceapp } from "./samples/workspaceapp";

const samples: Readonly<Record<string, Samples>> = { clouddc, iam, metastudio, roma, vias, workspaceapp };

interface Exchange {
    /** As the recording names it. */
    readonly call: string;
    readonly reply: Reply;
}

/** Whose path has the fewest parameters is meant, as in a router. */
function callOf(service: string, method: string, path: string): string {
    const pathname = path.split("?")[0] ?? "";
    const [meant] = (services.find(({ name }) => name === service)?.routes ?? [])
        .filter((route) => route.method === method)
        .map((route) => nameless(route.path))
        .filter((pattern) => new RegExp(`^${pattern.replaceAll("{}", "[^/]+")}$`).test(pathname))
        .sort((a, b) => a.split("{}").length - b.split("{}").length);
    return `${method} ${meant ?? pathname}`;
}

interface Staging {
    /** What is sent in the place of a sample's body. */
    readonly body?: (call: string, body: unknown) => unknown;
    readonly before?: (h: Harness, call: string, method: string, path: string, options: SendOptions) => Promise<void>;
}

async function played(service: string, { body = (_, given) => given, before }: Staging = {}): Promise<Exchange[]> {
    const h = harness();
    const exchanges: Exchange[] = [];
    const exchange = async (method: string, path: string, options: SendOptions = {}) => {
        const call = callOf(service, method, path);
        await before?.(h, call, method, path, options);
        const sent = options.body === undefined ? options : { ...options, body: body(call, options.body) };
        const reply = await h.send(method, path, sent);
        if (reply.status >= 400) {
            throw new Error(`${method} ${path} ${JSON.stringify(sent.body) ?? ""}: ${reply.status} ${reply.text}`);
        }
        exchanges.push({ call, reply });
        return reply;
    };
    await samples[service]?.play({
        emulator: h.emulator,
        exchange,
        send: async (...request) => (await exchange(...request)).body,
        later: (seconds) => {
            h.time.now += seconds * 1000;
        },
    });
    return exchanges;
}

const requestOf = (shapes: Shapes, call: string) => shapes.calls[call]?.request ?? "any";
const distinct = (problems: readonly string[]) => [...new Set(problems)].sort();

describe.each(services.map(({ name, routes }) => [name, routes] as const))("%s", (service, routes) => {
    const shapes = shapesOf(service);
    const { withoutModel = {} } = samples[service] ?? {};
    test("every emulated call has a recorded shape and a sample", async () => {
        const calls = routes.map(({ method, path }) => `${method} ${nameless(path)}`);
        const recorded = [...Object.keys(shapes.calls), ...Object.keys(withoutModel)];
        expect(calls.filter((call) => !recorded.includes(call))).toEqual([]);
        const answered = new Set((await played(service)).map(({ call }) => call));
        expect(calls.filter((call) => !answered.has(call))).toEqual([]);
    });

    test("every answer has the shape of the official SDK's model", async () => {
        const problems = (await played(service)).flatMap(({ call, reply }) => {
            const type = shapes.calls[call]?.answer ?? null;
            if (type === null) {
                return [];
            }
            // Java's SDK looks for the content type of a body that its model knows, unless there is none to be.
            if (reply.text === "") {
                return reply.status === 204 ? [] : [`${call}: ${type}: ${reply.status} without a body`];
            }
            return problemsIn(shapes, type, reply.body, `${call}: ${type}`);
        });
        expect(distinct(problems)).toEqual([]);
    });

    test("null for what may be left out is as if it were", async () => {
        const said = (await played(service)).map(({ call, reply }) => [call, reply.status]);
        const body = (call: string, given: unknown) => withNulls(shapes, requestOf(shapes, call), given);
        const withAllNulls = await played(service, { body });
        expect(withAllNulls.map(({ call, reply }) => [call, reply.status])).toEqual(said);
    });

    test("requests have the fields of the models, and no value that an enumeration does not have is taken", async () => {
        const problems: string[] = [];
        await played(service, {
            async before(h, call, method, path, options) {
                const type = requestOf(shapes, call);
                if (options.body !== undefined) {
                    problems.push(...problemsIn(shapes, type, options.body, `${call}: ${type}`));
                }
                /** What was taken after all has changed the world. */
                const refuses = async (wrong: string, changes: SendOptions) => {
                    const before = await h.emulator.control.snapshot();
                    const refused = (await h.send(method, wrong, { ...options, ...changes })).status >= 400;
                    if (!refused) {
                        await h.emulator.control.restore(before);
                    }
                    return refused;
                };
                for (const [at, body] of withWrongValues(shapes, type, options.body)) {
                    if (!(await refuses(path, { body }))) {
                        problems.push(`${call}: ${type}${at}: ${NO_VALUE} was taken`);
                    }
                }
                for (const [name, { values }] of Object.entries(shapes.calls[call]?.query ?? {})) {
                    const query = new URLSearchParams(path.split("?")[1] ?? "");
                    query.set(name, NO_VALUE);
                    const wrong = `${path.split("?")[0]}?${query}`;
                    if (values !== undefined && !(await refuses(wrong, {}))) {
                        problems.push(`${call}: ?${name}: ${NO_VALUE} was taken`);
                    }
                }
            },
        });
        expect(distinct(problems)).toEqual([]);
    });
});
