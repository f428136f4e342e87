import { IMAGE_SERVERS, oneImageServer, ProviderProcess } from "../hostile/provider-process";

/** Unknown settings: an error where the user can correct them, else a warning. */

const env = { HW_ACCESS_KEY: "AK", HW_SECRET_KEY: "SK", HW_REGION_NAME: "cn-north-4", HW_PROJECT_ID: "p1" };
const misspelt = { "huaweicloud-batch:regoin": "PLANTED" };
const empty = { "huaweicloud-batch:accessKey": "" };

const recorded = async () => {
    const ended = await new ProviderProcess({ env }).up(IMAGE_SERVERS, { ...oneImageServer, when: "destroy" });
    if (ended.is !== "done") {
        throw new Error("not recorded");
    }
    return ended.outputs;
};

describe.each<[string, Record<string, string>, string]>([
    ["a misspelt key", misspelt, "huaweicloud-batch:regoin is not known (did you mean huaweicloud-batch:region?)"],
    ["an empty key", empty, "huaweicloud-batch:accessKey is empty"],
])("%s of stack configuration", (_, config, says) => {
    test("is an error in create and update, before anything is sent", async () => {
        const created = new ProviderProcess({ env, config });
        for (const when of ["create", "destroy"]) {
            const ended = await created.up(IMAGE_SERVERS, { ...oneImageServer, when });
            expect(ended).toMatchObject({ is: "failed", kept: undefined, text: expect.stringContaining(says) });
        }
        const news = { ...oneImageServer, when: "destroy", imageServerIds: ["server-2"] };
        const updated = await created.update("id", await recorded(), IMAGE_SERVERS, news);
        expect(updated).toMatchObject({ is: "failed", text: expect.stringContaining(says) });
        expect(JSON.stringify([updated, created.notes])).not.toContain("PLANTED");
        expect(created.sent).toEqual([]);
    });

    test("is an error of each resource, of which the first alone has the known keys and the way on", async () => {
        const provider = new ProviderProcess({ env, config });
        const texts: string[] = [];
        for (let n = 0; n < 3; n++) {
            const ended = await provider.up(IMAGE_SERVERS, { ...oneImageServer, when: "create" });
            texts.push("text" in ended ? ended.text : "");
        }
        expect(texts.filter((text) => text.includes(says) && text.includes("nothing was sent"))).toHaveLength(3);
        expect(texts.map((text) => text.includes("pulumi config set"))).toEqual([true, false, false]);
    });

    test("is one warning in read and delete, which go on", async () => {
        const provider = new ProviderProcess({ env, config });
        const outputs = await recorded();
        for (const work of [() => provider.refresh("id", outputs), () => provider.destroy("id", outputs)]) {
            const before = provider.sent.length;
            const ended = await work();
            expect("text" in ended ? ended.text : "").not.toContain("huaweicloud-batch:");
            expect(provider.sent.length).toBeGreaterThan(before);
        }
        expect(provider.notes.filter((note) => note.includes(says))).toHaveLength(1);
    });

    test("is reported once in an up: by the error of a create or update, or by a warning if there is none", async () => {
        const args = { ...oneImageServer, when: "destroy", __inUp: true };
        const outputs = await recorded();
        const made = new ProviderProcess({ env, config });
        const changed = new ProviderProcess({ env, config });
        for (const ended of [
            await made.up(IMAGE_SERVERS, args),
            await changed.update("id", outputs, IMAGE_SERVERS, { ...args, imageServerIds: ["server-2"] }),
        ]) {
            expect(ended).toMatchObject({ is: "failed", text: expect.stringContaining(says) });
        }
        expect([...made.notes, ...changed.notes].filter((note) => note.includes(says))).toEqual([]);

        const unchanged = new ProviderProcess({ env, config });
        const { inputs } = await unchanged.check(IMAGE_SERVERS, args);
        expect(inputs).not.toHaveProperty("__inUp");
        expect(await unchanged.changes("id", outputs, inputs)).toBe(false);
        expect(unchanged.notes.filter((note) => note.includes(says))).toHaveLength(1);
    });

    test("is already reported by check: in a preview, and when no other hook is called", async () => {
        const provider = new ProviderProcess({ env, config });
        await provider.check(IMAGE_SERVERS, oneImageServer);
        await provider.check(IMAGE_SERVERS, oneImageServer);
        expect(provider.notes.filter((note) => note.includes(says))).toHaveLength(1);
    });
});

test("an unknown variable with the package's prefix is one warning and no error", async () => {
    const provider = new ProviderProcess({ env: { ...env, HUAWEICLOUD_BATCH_TIMEOTU: "PLANTED" } });
    const made = await provider.up(IMAGE_SERVERS, { ...oneImageServer, when: "destroy" });
    expect(made.is).toBe("done");
    await provider.destroy("id", made.is === "done" ? made.outputs : {});
    const warnings = provider.notes.filter((note) => note.includes("HUAWEICLOUD_BATCH_TIMEOTU"));
    expect(warnings).toEqual([expect.stringContaining("did you mean HUAWEICLOUD_BATCH_TIMEOUT?")]);
    expect(provider.notes.join()).not.toContain("PLANTED");
});
