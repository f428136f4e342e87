import { addTargets, alive, clouddc, declared, roma, workspaceapp } from "./deletions";
import { onBothFaces } from "./faces";
import { programOf } from "./programs";
import { Stack } from "./stack";
import { Tenant } from "./tenant";

const ELSEWHERE = "cn-east-3";

test("what the lists do not show, for it is another enterprise project's or somebody else's, is deleted, not taken for gone", async () => {
    const tenant = await Tenant.open();
    const servers = await addTargets(tenant, workspaceapp, 3, { enterprise_project_id: "ep-1" });
    const apps = await addTargets(tenant, roma, 3, { created_user: { user_id: "somebody", user_name: "somebody" } });
    const stack = await Stack.create({
        program: programOf(declared(workspaceapp, "create", servers), declared(roma, "create", apps)),
        env: tenant.env,
    });
    await stack.must("up", "--yes", "--skip-preview");
    for (const { outputs } of await stack.resources()) {
        expect(outputs).toMatchObject({ counts: { deleted: 3, alreadyGone: 0 }, remaining: 0 });
    }
    expect(await alive(tenant, workspaceapp)).toEqual([]);
    expect(await alive(tenant, roma)).toEqual([]);
});

onBothFaces(
    "a valid but wrong region: destroy fails at up and records nothing, create goes on with a warning; corrected afterwards, that is said",
    async (scene) => {
        const tenant = await scene.tenant();
        const now = await addTargets(tenant, clouddc, 2);
        const later = await addTargets(tenant, workspaceapp, 2);
        const wrong = { ...tenant.env, HW_REGION_NAME: ELSEWHERE };
        const stack = await scene.stack({ program: programOf(declared(workspaceapp, "destroy", later)), env: wrong });
        const refused = await stack.run("up", "--yes", "--skip-preview");
        expect(refused.code).not.toBe(0);
        expect(refused.output).toContain("none of the 2 is there, in region cn-east-3 (HW_REGION_NAME)");
        expect(await stack.resources()).toEqual([]);

        await stack.setProgram(programOf(declared(clouddc, "create", now)));
        const warned = await stack.must("up", "--yes", "--skip-preview");
        expect(warned.output).toContain("none of the 2 is there, in region cn-east-3 (HW_REGION_NAME)");
        expect(await alive(tenant, clouddc, "cn-north-4")).toEqual(now);

        stack.setEnv(tenant.env);
        const corrected = await stack.must("up", "--yes", "--skip-preview");
        expect(corrected.output).toContain("HW_REGION_NAME now says cn-north-4: 1 resource");
    },
);
