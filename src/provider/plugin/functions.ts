import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type { Properties } from "../hooks";
import { unwrap, wrap } from "./wire";

/** A row of a list, as far as the plugin must know it. */
export interface ListedRow {
    readonly id: string;
    readonly name?: string | undefined;
}

/** A list of one service. */
export interface ListFunction {
    /** "roma:listApps" */
    readonly token: string;
    /** The name of the rows in the function's answer: "apps". */
    readonly rows: string;
    /** The resources whose targets it lists: "roma:AssetBatchDeletion". */
    readonly resources: readonly string[];
    /** Rejects with an error of one line. */
    readonly read: (args: Properties) => Promise<readonly ListedRow[]>;
}

/** The functions of the plugin, and what `pulumi do … list` shows. */
export class Functions {
    constructor(private readonly lists: readonly ListFunction[]) {}

    async invoke(request: rpc.InvokeRequest): Promise<rpc.InvokeResponse> {
        const token = afterPackage(request.getTok());
        const list = this.lists.find((each) => each.token === token);
        if (list === undefined) {
            throw new Error(`there is no function ${request.getTok()}`);
        }
        const { properties, secrets } = unwrap(request.getArgs());
        const rows = await list.read(properties);
        const answer = new rpc.InvokeResponse();
        const result = { [list.rows]: rows, ids: rows.map(({ id }) => id) };
        // What was found with a secret filter tells of it.
        answer.setReturn(wrap(result, secrets.length === 0 ? [] : Object.keys(result)));
        return answer;
    }

    /** One answer a row, as many as were asked for. */
    async list(request: rpc.ListRequest, send: (answer: rpc.ListResponse) => void): Promise<void> {
        const resource = afterPackage(request.getToken());
        const lists = this.lists.filter((each) => each.resources.includes(resource));
        const [list, another] = lists;
        if (list === undefined || another !== undefined) {
            throw new Error(
                list === undefined
                    ? `${request.getToken()} can't be listed`
                    : `${request.getToken()} has more than one kind of target: use ${lists.map((each) => each.token).join(" or ")}`,
            );
        }
        const rows = await list.read(unwrap(request.getQuery()).properties);
        const limit = request.getLimit();
        for (const { id, name } of limit > 0 ? rows.slice(0, limit) : rows) {
            const result = new rpc.ListResponse.Result();
            result.setId(id);
            result.setName(name ?? "");
            const answer = new rpc.ListResponse();
            answer.setResult(result);
            send(answer);
        }
    }
}

function afterPackage(token: string): string {
    return token.slice(token.indexOf(":") + 1);
}
