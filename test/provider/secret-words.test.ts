import { withoutEngine } from "../../src/provider/engine-watch";
import { createLifecycle } from "../../src/provider/lifecycle";
import { concealing, withDerivedSecrets } from "../../src/provider/report/secret-words";
import { hooksOf } from "../../src/provider/resource-hooks";
import { ProviderProcess } from "../hostile/provider-process";

const ids = ["aaaa-1", "bbbb-2", "cccc-3"];
const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value,
});

test("a secret id is replaced by its index in the list, wherever it occurs", () => {
    const conceal = concealing({ __secrets: ["appIds"], appIds: ids });
    expect(conceal("app bbbb-2: failed: X.1: app:cccc-3 is used by aaaa-1, aaaa-10")).toBe(
        "app #2 of 3: failed: X.1: app:#3 of 3 is used by #1 of 3, aaaa-10",
    );
});

test("any other secret is replaced by the name of its argument, and arguments about how to act stay readable", () => {
    const conceal = concealing({
        __secrets: ["projectId", "when", "name", "batchInput"],
        projectId: "project-1",
        when: "create",
        name: "名字 one",
        batchInput: { videoSourceGroup: [{ videoSourceGroupId: "group-1" }] },
    });
    expect(conceal("create 名字 one in project-1, group-1")).toBe(
        "create [secret name] in [secret projectId], [secret batchInput]",
    );
});

test("a text stays as it is if nothing is secret", () => {
    expect(concealing({ appIds: ids })("aaaa-1")).toBe("aaaa-1");
    const outputs = { appIds: ids, open: ids };
    expect(withDerivedSecrets(outputs, { appIds: ids })).toEqual(outputs);
});

test("outputs that derive from a secret are stored as secrets, the others stay readable", () => {
    const given = { __secrets: ["appIds", "projectId"], appIds: ids, projectId: "project-1" };
    const outputs = {
        ...given,
        open: ["aaaa-1"],
        failed: [{ code: "X.1", message: "aaaa-1 is used", count: 1, ids: ["bbbb-2"] }],
        place: { region: "cn-north-4", projectId: "project-1" },
        remaining: 1,
        jobs: [{ id: "job-1" }],
    };
    expect(withDerivedSecrets(outputs, given)).toEqual({
        __secrets: given.__secrets,
        appIds: secret(ids),
        projectId: secret("project-1"),
        open: secret(outputs.open),
        failed: secret(outputs.failed),
        place: secret(outputs.place),
        remaining: 1,
        jobs: outputs.jobs,
    });
});

test("an argument that becomes secret is a difference, so that outputs derived from it do not stay in clear", async () => {
    const { context } = new ProviderProcess({ env: {} });
    const lifecycle = createLifecycle(withoutEngine, (name) => hooksOf(name, context));
    const given = { __resource: "clouddc:InstanceBatchDeletion", when: "destroy", instanceIds: ids };
    const counts = { deleted: 0, alreadyGone: 0, done: 0, alreadyDone: 0, failed: 0, unknown: 0 };
    const outputs = {
        ...given,
        place: { region: "cn-north-4", projectId: "project-1" },
        counts,
        remaining: 3,
        open: ids,
        failed: [],
        failedMore: 0,
        allowedToFail: [],
        jobs: [],
        jobsMore: 0,
        schemaVersion: 2,
    };
    expect(await lifecycle.diff("id", outputs, given)).toMatchObject({ changes: false });
    const marked = { ...given, __secrets: ["instanceIds"] };
    expect(await lifecycle.diff("id", outputs, marked)).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await lifecycle.update("id", outputs, marked);
    expect(outs).toMatchObject({ open: secret(ids), __secrets: ["instanceIds"] });
    expect(await lifecycle.diff("id", { ...outs, open: ids, instanceIds: ids }, marked)).toMatchObject({
        changes: false,
    });
});
