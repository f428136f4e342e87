import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type { ListDefinition, ListedRow } from "../../services/shared/list-definition";
import type { Properties } from "../hooks";
import { unwrap, wrap } from "./wire";

/** The functions of the plugin, and what `pulumi do … list` shows. */
export class Functions {
    constructor(
        /** All of them; called where one is asked for, since it loads every service. */
        private readonly lists: () => readonly ListDefinition[],
        /** Rejects with an error of one line. */
        private readonly read: (list: ListDefinition, args: Properties) => Promise<readonly ListedRow[]>,
    ) {}

    async invoke(request: rpc.InvokeRequest): Promise<rpc.InvokeResponse> {
        const token = afterPackage(request.getTok());
        const list = this.lists().find((each) => tokenOf(each) === token);
        if (list === undefined) {
            throw new Error(`there is no function ${request.getTok()}`);
        }
        const { properties, secrets } = unwrap(request.getArgs());
        const rows = await this.read(list, properties);
        const answer = new rpc.InvokeResponse();
        const result = { [list.rows]: rows, ids: rows.map(({ id }) => id) };
        // What was found with a secret filter tells of it.
        answer.setReturn(wrap(result, secrets.length === 0 ? [] : Object.keys(result)));
        return answer;
    }

    /** One answer a row, as many as were asked for. */
    async list(request: rpc.ListRequest, send: (answer: rpc.ListResponse) => void): Promise<void> {
        const resource = afterPackage(request.getToken());
        const lists = this.lists().filter((each) => each.resources.includes(resource));
        const [list, another] = lists;
        if (list === undefined || another !== undefined) {
            throw new Error(
                list === undefined
                    ? `${request.getToken()} can't be listed`
                    : `${request.getToken()} has more than one kind of target: use ${lists.map(tokenOf).join(" or ")}`,
            );
        }
        const rows = await this.read(list, unwrap(request.getQuery()).properties);
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

/** "roma:listApps" */
function tokenOf({ service, name }: ListDefinition): string {
    return `${service.name}:${name}`;
}

function afterPackage(token: string): string {
    return token.slice(token.indexOf(":") + 1);
}
