import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as publicApi from "../src";
import { createEmulator, readSeed, seededRandom } from "../src";
import { controlApi } from "../src/control/api";
import { Control } from "../src/control/control";
import { seedSchema } from "../src/control/schemas";
import { jsonSchemaOf } from "../src/world/problems";
import { reference } from "./reference";

const page = join(__dirname, "../README.md");
const text = readFileSync(page, "utf8");
const MARK = "<!-- made of the schemas -->\n";
const [prose = "", recorded = ""] = text.split(MARK);

test("the reference shows every setting, duration, process, kind and field that a seed may hold, as the schemas have them", () => {
    const made = `\n${reference()}`;
    if (process.env.RECORD_REFERENCE === "1") {
        writeFileSync(page, `${prose}${MARK}${made}`);
        return;
    }
    expect(recorded).toBe(made);
});

test("every setting says what it is about", () => {
    const rows = [...recorded.matchAll(/^\| setting \|.*\n.*\n((?:\|.*\n)+)/gm)].flatMap(([, table = ""]) =>
        table.trim().split("\n"),
    );
    expect(rows.length).toBeGreaterThan(60);
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
});

test("every part of a seed is explained, and the example is one", () => {
    for (const part of Object.keys(jsonSchemaOf(seedSchema).properties ?? {})) {
        expect(prose).toContain(`- **\`${part}\`**`);
    }
    const examples = [...prose.matchAll(/^```json\n(.*?)^```/gms)].map(([, example = ""]) => JSON.parse(example));
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) {
        expect(() => readSeed("service" in example ? { objects: [example] } : example)).not.toThrow();
    }
});

test("the table of the control API has every call of it, and every method of the client", () => {
    const rows = [...prose.matchAll(/^\| `(GET|POST) (\/\S+)` +\| `(\w+)\(/gm)];
    const emulator = createEmulator({ clock: { now: () => 0 }, random: seededRandom(1), sleep: async () => {} });
    expect(rows.map(([, , , method = ""]) => method).sort()).toEqual(Object.keys(emulator.control).sort());
    const unused = () => {
        throw new Error("no call is made");
    };
    const { routes } = controlApi({
        control: new Control([], unused),
        tenancy: unused,
        reset: unused,
        token: undefined,
    });
    const served = routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);
    expect(rows.map(([, method, path]) => `${method} /_emulator${path}`).sort()).toEqual(served.sort());
});

test("every export is explained", () => {
    for (const name of Object.keys(publicApi)) {
        expect(prose).toContain(name);
    }
});
