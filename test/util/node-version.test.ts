import { oldNode } from "../../src/util/node-version";

test.each(["18.20.0", "20.19.5", "22.0.0", "22.10.0", "22.18.0", "23.0.0"])(
    "Node %s is too old: one line says so",
    (version) => {
        const told = oldNode(version);
        expect(told).toContain(version);
        expect(told).toContain("22.19");
        expect(told).not.toContain("\n");
    },
);

test.each(["22.19.0", "22.23.1", "24.0.0", "25.1.0", process.versions.node])("Node %s will do", (version) => {
    expect(oldNode(version)).toBeUndefined();
});
