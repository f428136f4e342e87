import { projectIdOf } from "../../emulator/src";
import { addTargets, alive, clouddc, declared, deletions, workspaceapp } from "./deletions";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

const ELSEWHERE = "cn-east-3";
const SUB_PROJECT = "fedcba9876543210fedcba9876543210";

test("the stored place counts: another region, another project in the environment of refresh, up and destroy", async () => {
    const tenant = await Tenant.open();
    const sets = await Promise.all(
        deletions.map(async (deletion) => ({ deletion, ids: await addTargets(tenant, deletion, 2) })),
    );
    const instances = sets.find(({ deletion }) => deletion === clouddc)?.ids ?? [];
    const decoys = instances.map((id) => ({ id, name: `decoy-${id}` }));
    await tenant.control.seed({
        objects: [{ service: "clouddc", kind: "instances", project: ELSEWHERE, objects: decoys }],
    });
    const resources = sets.map(({ deletion, ids }) => declared(deletion, "destroy", ids));
    const stack = await Stack.create({ program: programOf(...resources), env: tenant.env });
    await stack.must("up", "--yes", "--skip-preview");

    stack.setEnv({ ...tenant.env, HW_REGION_NAME: ELSEWHERE, HW_PROJECT_ID: projectIdOf(ELSEWHERE) });
    await stack.must("refresh", "--yes", "--skip-preview");
    for (const { outputs } of await stack.resources()) {
        expect(outputs).toMatchObject({ remaining: 2, place: { region: "cn-north-4" } });
    }
    await stack.must("preview", "--expect-no-changes");
    await stack.must("destroy", "--yes", "--skip-preview");
    for (const { deletion } of sets) {
        expect(await alive(tenant, deletion, "cn-north-4")).toEqual([]);
    }
    expect(await alive(tenant, clouddc, ELSEWHERE)).toEqual(instances);
    const projects = new Set((await tenant.submissions()).map(({ project }) => project));
    expect([...projects]).toEqual([projectIdOf("cn-north-4")]);
});

test("each region has its own project: looked up by the region's name, or said", async () => {
    const tenant = await Tenant.open();
    const here = await addTargets(tenant, workspaceapp, 1);
    const instanceIn = async (project: string): Promise<string> => {
        const [[id = ""] = []] = await tenant.control.seed({
            objects: [{ service: "clouddc", kind: "instances", project, count: 1 }],
        });
        return id;
    };
    const there = await instanceIn(ELSEWHERE);
    await tenant.addOne("iam", "projects", { id: SUB_PROJECT, name: "cn-east-3_team" });
    const inSubProject = await instanceIn(SUB_PROJECT);
    const stack = await Stack.create({
        program: programOf(
            declared(workspaceapp, "create", here),
            declared(clouddc, "create", [there], { name: "there", region: ELSEWHERE }),
            declared(clouddc, "create", [inSubProject], {
                name: "sub",
                region: ELSEWHERE,
                projectId: SUB_PROJECT,
            }),
        ),
        env: tenant.env,
    });
    await stack.must("up", "--yes", "--skip-preview");
    expect((await stack.resource("workspaceapp-targets")).outputs.place).toMatchObject({
        region: "cn-north-4",
        projectId: projectIdOf("cn-north-4"),
    });
    expect((await stack.resource("there")).outputs.place).toMatchObject({
        region: ELSEWHERE,
        projectId: projectIdOf(ELSEWHERE),
    });
    expect((await stack.resource("sub")).outputs).toMatchObject({
        place: { region: ELSEWHERE, projectId: SUB_PROJECT },
        counts: { deleted: 1 },
    });
    const submitted = (await tenant.submissions()).map(({ project, ids }) => [project, ...ids]);
    expect(submitted.sort()).toEqual(
        [
            [projectIdOf("cn-north-4"), ...here],
            [projectIdOf(ELSEWHERE), there],
            [SUB_PROJECT, inSubProject],
        ].sort(),
    );
    const lookups = (await tenant.requests()).filter(({ operation }) => operation === "KeystoneListProjects");
    expect(lookups.map(({ query }) => new URLSearchParams(query).get("name")).sort()).toEqual([
        ELSEWHERE,
        "cn-north-4",
    ]);
});
