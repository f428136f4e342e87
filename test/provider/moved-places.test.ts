import type { Place } from "../../src/cloud/call";
import { placeChange } from "../../src/cloud/place/place-change";
import { MovedPlaces } from "../../src/provider/moved-places";
import { VirtualClock } from "../virtual-clock";

const keys = { HW_ACCESS_KEY: "a", HW_SECRET_KEY: "s" };
const none = { region: false, projectId: false };
const stored: Place = {
    region: "cn-north-4",
    projectId: "p1",
    regionFrom: { kind: "environment", name: "HW_REGION_NAME" },
    projectFrom: { kind: "environment", name: "HW_PROJECT_ID" },
};
const lookedUp: Place = { ...stored, projectFrom: { kind: "lookUp", name: "cn-north-4" } };
const profiles = JSON.stringify({
    current: "dev",
    profiles: [{ name: "dev", accessKeyId: "a", secretAccessKey: "s", region: "cn-east-3", projectId: "dev-p" }],
});

describe("settings that now give another place than the stored one", () => {
    const change = (
        place: Place,
        env: Record<string, string>,
        { config = {}, given = none }: { config?: Record<string, string>; given?: typeof none } = {},
    ) =>
        placeChange(place, given, {
            env,
            config,
            homeDir: "/home/somebody",
            readFile: async () => profiles,
        });

    test.each<[string, Place, Record<string, string>, string | undefined]>([
        ["the same", stored, { HW_REGION_NAME: "cn-north-4", HW_PROJECT_ID: "p1" }, undefined],
        ["no project any more", stored, { HW_REGION_NAME: "cn-north-4" }, undefined],
        ["another region", stored, { HW_REGION_NAME: "cn-east-3" }, "HW_REGION_NAME now says cn-east-3"],
        [
            "another region, by another variable",
            stored,
            { OS_REGION_NAME: "cn-east-3" },
            "OS_REGION_NAME now says cn-east-3",
        ],
        ["another project", stored, { HW_REGION_NAME: "cn-north-4", HW_PROJECT_ID: "p2" }, "HW_PROJECT_ID now says p2"],
        [
            "a project, where one was looked up",
            lookedUp,
            { HW_REGION_NAME: "cn-north-4", HW_PROJECT_ID: "p2" },
            "HW_PROJECT_ID now says p2",
        ],
        [
            "another project's name",
            lookedUp,
            { HW_REGION_NAME: "cn-north-4", HW_PROJECT_NAME: "cn-north-4_team" },
            "cn-north-4_team is asked for",
        ],
        ["what was looked up", lookedUp, { HW_REGION_NAME: "cn-north-4" }, undefined],
        [
            "another region, of a state of 0.1",
            { region: "cn-north-4", projectId: "p1" },
            { HW_REGION_NAME: "cn-east-3" },
            "(where from was not recorded), and HW_REGION_NAME now says cn-east-3",
        ],
        [
            "another region, where an argument had named one",
            {
                ...stored,
                regionFrom: { kind: "argument", name: "region" },
                projectFrom: { kind: "argument", name: "projectId" },
            },
            { HW_REGION_NAME: "cn-east-3" },
            undefined,
        ],
    ])("%s", async (_name, place, env, expected) => {
        const text = await change(place, { ...keys, ...env });
        expect(text).toEqual(expected === undefined ? undefined : expect.stringContaining(expected));
    });

    test("are also found in stack configuration and profile, and an argument overrides them", async () => {
        const config = { "huaweicloud-batch:region": "cn-east-3" };
        expect(await change(stored, keys, { config })).toContain(
            "stack configuration huaweicloud-batch:region now says cn-east-3",
        );
        expect(await change(stored, {})).toContain('profile "dev" now says cn-east-3');
        expect(await change(stored, keys, { config, given: { region: true, projectId: true } })).toBeUndefined();
    });
});

describe("a moved place is reported once per operation", () => {
    const world = () => {
        const clock = new VirtualClock();
        const warnings: string[][] = [];
        const moved = new MovedPlaces(
            clock,
            async ({ region }) => (region === "cn-north-4" ? "it moved" : undefined),
            (urn, text) => warnings.push([urn, text]),
        );
        const hook = (name: string, takes: number, region = "cn-north-4") => {
            const bag = { place: { region, projectId: "p1" }, __urn: `urn:pulumi:dev::p::t::${name}` };
            return moved.during(bag, bag, async () => clock.sleep(takes));
        };
        const removal = (name: string) => {
            const bag = { place: { region: "cn-north-4", projectId: "p1" }, __urn: `urn:pulumi:dev::p::t::${name}` };
            return moved.duringRemoval(bag, async () => clock.sleep(10));
        };
        return { clock, warnings, hook, removal };
    };

    test("with the number of resources and the first ones", async () => {
        const { clock, warnings, hook } = world();
        await clock.run(Promise.all(["a", "b", "c", "d", "e", "f", "g"].map((name, i) => hook(name, 50 + 90 * i))));
        expect(warnings).toHaveLength(1);
        expect(warnings[0]?.[0]).toBe("urn:pulumi:dev::p::t::a");
        expect(warnings[0]?.[1]).toContain("it moved: 7 resources (a, b, c, d, e and 2 more) keep the stored place");
    });

    test("before the last hook returns, however short it is, and never again", async () => {
        const { clock, warnings, hook } = world();
        await clock.run(hook("a", 0));
        expect(warnings).toHaveLength(1);
        expect(warnings[0]?.[1]).toContain("1 resource (a) keeps");
        await clock.run(hook("b", 0));
        expect(warnings).toHaveLength(1);
    });

    test("without the advice to set arguments in a destroy, with it in an up that also deletes", async () => {
        const { clock, warnings, removal } = world();
        await clock.run(Promise.all([removal("a"), removal("b")]));
        expect(warnings).toHaveLength(1);
        expect(warnings[0]?.[1]).toContain(
            "2 resources (a, b) keep the stored place, and nothing is deleted in the other one",
        );
        expect(warnings[0]?.[1]).not.toContain("replaces");

        const mixed = world();
        await mixed.clock.run(Promise.all([mixed.removal("a"), mixed.hook("b", 10)]));
        expect(mixed.warnings[0]?.[1]).toContain("that replaces them");
    });

    test("not at all if no place moved, and then no hook waits", async () => {
        const { clock, warnings, hook } = world();
        const began = clock.now();
        await clock.run(hook("a", 10, "cn-east-3"));
        expect({ warnings, took: clock.now() - began }).toEqual({ warnings: [], took: 10 });
    });
});
