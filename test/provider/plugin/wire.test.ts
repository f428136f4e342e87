import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { unwrap, wrap } from "../../../src/provider/plugin/wire";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const secret = (value: string) => ({ [SIGNATURE]: SECRET, value });

test("a secret arrives in clear, and its property is named, however deep it is", () => {
    const struct = Struct.fromJavaScript({
        ids: ["a", secret("b")],
        nested: { headers: { token: secret("t") } },
        plain: "p",
    });
    expect(unwrap(struct)).toEqual({
        properties: { ids: ["a", "b"], nested: { headers: { token: "t" } }, plain: "p" },
        secrets: ["ids", "nested"],
    });
});

test("a property that is named as secret is sent as one, as a whole", () => {
    const sent = wrap({ ids: ["a", "b"], plain: 1 }, ["ids"]).toJavaScript();
    expect(sent).toEqual({ ids: { [SIGNATURE]: SECRET, value: ["a", "b"] }, plain: 1 });
});

test("a value that is marked already is marked once", () => {
    expect(wrap({ open: secret("x") }, ["open"]).toJavaScript()).toEqual({ open: secret("x") });
});

test("what JSON can hold comes back as it was sent, secret or not", () => {
    fc.assert(
        fc.property(
            fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 3 }).filter(isPlain)),
            fc.array(fc.stringMatching(/^[a-z]{1,8}$/)),
            (properties, secrets) => {
                const plain = JSON.parse(JSON.stringify(properties));
                expect(unwrap(wrap(plain, secrets)).properties).toEqual(plain);
            },
        ),
    );
});

test("nothing arrives for a struct that is missing", () => {
    expect(unwrap(undefined)).toEqual({ properties: {}, secrets: [] });
});

/** google-protobuf assigns keys one by one, so that this one sets the prototype. */
function isPlain(value: unknown): boolean {
    return !JSON.stringify(value).includes("__proto__");
}
