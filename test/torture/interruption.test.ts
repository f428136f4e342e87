import { interruptEverywhere, type Scene } from "./interruption";
import { services } from "./services";

const scenes = services.flatMap(({ name }): Scene[] => [
    { service: name, when: "create", byRule: false },
    { service: name, when: "destroy", byRule: false },
    { service: name, when: "create", byRule: true },
    { service: name, when: "destroy", byRule: true },
]);

test.each(scenes)(
    "$service at $when (by a rule: $byRule): killed at each await of the run, the next run converges",
    async (scene) => {
        const { points, converged, broken } = await interruptEverywhere(scene);
        const tried = Object.values(points).reduce((a, b) => a + b, 0);
        process.stdout.write(`${scene.service} at ${scene.when}: ${tried} points, ${converged} converged\n`);
        expect(broken).toEqual([]);
        expect(converged).toBe(tried);
        expect(Math.min(...Object.values(points))).toBeGreaterThan(0);
    },
    300_000,
);
