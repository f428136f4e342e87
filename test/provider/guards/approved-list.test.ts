import {
    type ActingResource,
    approvedEntryOf,
    approvedFileText,
    approvedListOf,
} from "../../../src/provider/guards/approved-list";
import { definitionOf, services } from "../../../src/services/registry";

const FILE = { variable: "HUAWEICLOUD_BATCH_APPROVED", path: "/work/project/approved.json" };
const INSTANCE = "01234567-89ab-4cde-8f01-23456789abcd";

function resource(name: string, more: Partial<Pick<ActingResource, "place" | "properties">> = {}): ActingResource {
    const definition = definitionOf(name, services);
    if (definition === undefined) {
        throw new Error(`no ${name}`);
    }
    return { definition, place: { region: "cn-north-4", projectId: "p1" }, properties: {}, ...more };
}

const servers = resource("workspaceapp:ImageServerBatchDeletion");
const instances = resource("clouddc:InstanceBatchDeletion");
const assets = resource("roma:AssetBatchDeletion", { properties: { instanceId: INSTANCE } });

const listOf = (text: string) => approvedListOf(FILE, text);
const refusal = (text: string, acting: ActingResource, key: string) => listOf(text).judgeOf(acting)(key);

describe("a list of ids", () => {
    test("approves each id, of whatever service, kind and place, and nothing else", () => {
        const text = "\n# reviewed on Wednesday\n  a1  \r\nb2 # the old one\n";
        for (const [acting, key] of [
            [servers, "a1"],
            [instances, "b2"],
            [assets, "app:a1"],
            [assets, "task:b2"],
        ] as const) {
            expect(refusal(text, acting, key)).toBeUndefined();
        }
        expect(refusal(text, servers, "a")).toEqual({ is: "notListed" });
        expect(refusal(text, servers, "A1")).toEqual({ is: "notListed" });
        expect(listOf(text).size).toBe(2);
    });

    test.each([
        ["*", "has a wildcard in line 1"],
        ["a1\nweb-?", "has a wildcard in line 2"],
        ["a1\nthe second one", "has no id in line 2"],
        ["a1,b2", "has no id in line 1"],
        ["[]", "has no id in line 1"],
        ["a1\u0000", "has no id in line 1"],
        ["", "is empty"],
        [" \n", "is empty"],
        ["# nothing", "holds no id"],
    ])("%j is an error", (text, problem) => {
        expect(() => listOf(text)).toThrow(`HUAWEICLOUD_BATCH_APPROVED: /work/project/approved.json ${problem}`);
    });
});

describe("the JSON that plan writes", () => {
    const approving = (...entries: ReadonlyArray<readonly [ActingResource, string]>) =>
        approvedFileText(entries.map(([acting, key]) => approvedEntryOf(acting, key)));

    test("has one line for each target", () => {
        expect(approvedFileText([approvedEntryOf(servers, "a1", "web-1"), approvedEntryOf(assets, "task:7")])).toBe(
            `{
  "version": 1,
  "approved": [
    {"service":"workspaceapp","kind":"image server","region":"cn-north-4","projectId":"p1","id":"a1","name":"web-1"},
    {"service":"roma","kind":"task","instanceId":"${INSTANCE}","region":"cn-north-4","projectId":"p1","id":"7"}
  ]
}
`,
        );
        expect(JSON.parse(approvedFileText([]))).toEqual({ version: 1, approved: [] });
    });

    test("approves its own targets", () => {
        const text = approving([servers, "a1"], [assets, "app:a1"]);
        expect(refusal(text, servers, "a1")).toBeUndefined();
        expect(refusal(text, assets, "app:a1")).toBeUndefined();
        expect(listOf(text).size).toBe(2);
    });

    test.each([
        ["another id", servers, "a2"],
        ["another service", instances, "a1"],
    ])("an entry does not count for %s", (_, acting, key) => {
        const text = approving([servers, "a1"]);
        expect(refusal(text, acting, key)).toEqual({ is: "notListed" });
    });

    test("an entry does not count for another kind", () => {
        const text = approving([assets, "app:a1"]);
        expect(refusal(text, assets, "task:a1")).toEqual({ is: "notListed" });
    });

    test.each([
        ["region", { place: { region: "cn-east-3", projectId: "p1" } }],
        ["project", { place: { region: "cn-north-4", projectId: "p2" } }],
    ])("where nothing is for the %s of the run, that is why", (_, other) => {
        const text = approving([servers, "a1"]);
        expect(refusal(text, resource("workspaceapp:ImageServerBatchDeletion", other), "a1")).toEqual({
            is: "otherPlace",
            places: ["region cn-north-4, project p1"],
        });
    });

    test("the instance is part of the place", () => {
        const text = approving([assets, "app:a1"]);
        const other = resource("roma:AssetBatchDeletion", { properties: { instanceId: INSTANCE.replace("0", "f") } });
        expect(refusal(text, other, "app:a1")).toEqual({
            is: "otherPlace",
            places: [`region cn-north-4, project p1, instanceId ${INSTANCE}`],
        });
    });

    test("a list of nothing approves nothing", () => {
        expect(refusal(approvedFileText([]), servers, "a1")).toEqual({ is: "otherPlace", places: [] });
    });

    const entry = { service: "workspaceapp", kind: "image server", region: "r", projectId: "p", id: "a1" };
    test.each([
        ["cut off", '{"version": 1, "approved": [', "begins like JSON, and is not whole JSON"],
        ["of another version", JSON.stringify({ version: 2, approved: [] }), "is not what plan --out writes (version"],
        ["without entries", JSON.stringify({ version: 1 }), "is not what plan --out writes (approved"],
        [
            "with an entry without its place",
            JSON.stringify({ version: 1, approved: [{ ...entry, region: undefined }] }),
            "is not what plan --out writes (approved.0.region",
        ],
        [
            "with a wildcard",
            JSON.stringify({ version: 1, approved: [entry, { ...entry, id: "a*" }] }),
            "is not what plan --out writes (approved.1.id",
        ],
        [
            "with a number for an id",
            JSON.stringify({ version: 1, approved: [{ ...entry, id: 4711 }] }),
            "is not what plan --out writes (approved.0.id",
        ],
    ])("a file that is %s is an error", (_, text, problem) => {
        expect(() => listOf(text)).toThrow(problem);
    });
});
