/** `pulumi do … list`, as it is typed: in an empty directory, without project, stack and program. On the real engine. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { addTargets, clouddc, type Deletion, metastudio, vias, workspaceapp } from "./deletions";
import { type ShellOptions, shell } from "./shell";
import { checkout, environmentIn } from "./stack";
import { Tenant } from "./tenant";

let directory: string;
beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "pulumi-huaweicloud-batch-do-"));
    for (const name of ["home", "pulumi-home", "state", "tmp", "empty"]) {
        await mkdir(join(directory, name));
    }
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const rowsSchema = z.array(z.object({ id: z.string(), name: z.string() }));

const optionsFor = (tenant: Tenant): ShellOptions => ({
    cwd: join(directory, "empty"),
    env: { ...environmentIn(directory), ...tenant.env },
});

const listed: ReadonlyArray<readonly [token: string, deletion: Deletion]> = [
    ["workspaceapp:ImageServerBatchDeletion", workspaceapp],
    ["clouddc:InstanceBatchDeletion", clouddc],
    ["metastudio:AssetBatchDeletion", metastudio],
    ["metastudio:AssetBatchAction", metastudio],
    ["vias:BatchTaskDeletion", vias],
    ["vias:BatchTask", vias],
];

test("each resource that can be listed is listed with its names: all, as many as asked for, and by a filter; what is wrong is said", async () => {
    const tenant = await Tenant.open();
    const options = optionsFor(tenant);
    const plugin = join(checkout, "plugin/pulumi-resource-huaweicloud-batch");
    const list = async (token: string, flags: string) => {
        const output = await shell(`pulumi do --package ${plugin} huaweicloud-batch:${token} list ${flags}`, options);
        return rowsSchema.parse(JSON.parse(output.slice(output.indexOf("["))));
    };
    for (const [token, deletion] of listed) {
        const field = Object.keys(deletion.template).find((each) => /(^|_)name$/.test(each)) ?? "name";
        const there = await tenant.control.objects(deletion.service, deletion.kind);
        const ids =
            there.length > 0
                ? there.map(({ object }) => String(object.id ?? object.asset_id)).sort()
                : await addTargets(tenant, deletion, 3, { [field]: "listed-{n}" });
        const all = await list(token, "--all");
        expect([token, all.map(({ id }) => id).sort()]).toEqual([token, ids]);
        expect([token, all.map(({ name }) => name).sort()]).toEqual([token, ["listed-0", "listed-1", "listed-2"]]);
    }
    expect(await list("clouddc:InstanceBatchDeletion", "--count 2")).toHaveLength(2);
    const [one, another] = await list("workspaceapp:ImageServerBatchDeletion", "--server-name listed-1 --all");
    expect([one?.name, another]).toEqual(["listed-1", undefined]);
    await expect(list("clouddc:InstanceBatchDeletion", "--instance-state runing")).rejects.toThrow(
        /instanceState is "runing": it must be one of/,
    );

    const schema = JSON.parse(await shell(`pulumi package get-schema ${plugin}`, options));
    expect(Object.keys(schema.resources)).toHaveLength(7);
});
