import { ApiFailure } from "../../src/batch/api";
import { instanceBatchDeletion } from "../../src/services/clouddc";
import { assetBatchDeletion as metastudioDeletion } from "../../src/services/metastudio";
import { assetBatchDeletion as romaDeletion } from "../../src/services/roma";
import { batchTaskDeletion } from "../../src/services/vias";
import { imageServerBatchDeletion } from "../../src/services/workspaceapp";
import { change, cloudError, fakeCloud, json, never, read } from "../cloud/fake-cloud";

const WITH_WHOSE = /no; asked with the credentials from the environment \(HW_ACCESS_KEY\)/;
const refusing = (status: number, code: string) => fakeCloud([json({ error_code: code, error_msg: "no." }, status)]);

/** As the services' tables of error codes have them: "no permission", whatever status it comes with. */
const CASES = [
    { definition: romaDeletion, key: "app:a1", inputs: { instanceId: "i1" }, code: "ROMA.1006" },
    { definition: imageServerBatchDeletion, key: "s1", inputs: { recursive: false }, code: "WKS.00081102" },
    { definition: instanceBatchDeletion, key: "i1", inputs: {}, code: "iMetal.0004" },
    { definition: metastudioDeletion, key: "a1", inputs: { permanently: true }, code: "MSS.00010009" },
    { definition: batchTaskDeletion, key: "b1", inputs: {}, code: "APIGW.0302" },
] as const;

describe.each(CASES)("$definition.resource: $code", ({ definition, key, inputs, code }) => {
    // No page of VIAS names a code of its own.
    const statuses = code.startsWith("APIGW.") ? [403] : [403, 400];

    test.each(statuses)(
        "with HTTP %i a deletion names whose permission is missing, and is nobody else's fault",
        async (status) => {
            const { cloud, clock, network } = refusing(status, code);
            const connection = await cloud.connect({}, {}, never);
            const api = definition.acts(inputs).onCreate?.api(connection.client(definition.service));
            const failure: unknown = await clock
                .run(async () => api?.submit([key], never))
                .catch((error: unknown) => error);
            expect(failure).toBeInstanceOf(ApiFailure);
            expect(failure).toMatchObject({
                final: true,
                problem: { code, message: expect.stringMatching(WITH_WHOSE) },
            });
            expect(network.requests).toHaveLength(1);
        },
    );

    test.each(statuses)("with HTTP %i a list names whose permission is missing", async (status) => {
        const { cloud, clock } = refusing(status, code);
        const connection = await cloud.connect({}, {}, never);
        const sent = clock.run(connection.client(definition.service).send(read, never));
        expect(await cloudError(sent)).toMatchObject({
            kind: "refused",
            code,
            detail: expect.stringMatching(WITH_WHOSE),
        });
    });
});

test.each(["ROMA.12001", "ROMA.12002"])("%s, of one application alone, names whose role is missing", async (code) => {
    const { cloud, clock } = refusing(400, code);
    const connection = await cloud.connect({}, {}, never);
    const client = connection.client(romaDeletion.service);
    expect((await cloudError(clock.run(client.send(change, never)))).detail).toMatch(WITH_WHOSE);
    const api = romaDeletion.acts({ instanceId: "i1" }).onCreate?.api(client);
    const answer = await clock.run(async () => api?.submit(["app:a1"], never));
    expect(answer).toMatchObject({ is: "refused", problem: { code, message: expect.stringMatching(WITH_WHOSE) } });
});

test.each([
    [romaDeletion, "ROMA.13000"],
    [imageServerBatchDeletion, "WKS.00211102"],
    [instanceBatchDeletion, "iMetal.0001"],
    [metastudioDeletion, "MSS.10001001"],
    [batchTaskDeletion, "VIAS.00010001"],
])("what is no matter of permission does not speak of credentials: %#", async ({ service }, code) => {
    const { cloud, clock } = refusing(400, code);
    const connection = await cloud.connect({}, {}, never);
    expect((await cloudError(clock.run(connection.client(service).send(change, never)))).detail).toBe("no.");
});
