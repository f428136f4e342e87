import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type { ListDefinition, ListedRow } from "../../services/shared/list-definition";
import type { ReadList } from "../provider-process";
import { pageOf } from "./pages";
import { unwrap, wrap } from "./wire";

/** The functions of the plugin, and what `pulumi do … list` shows. */
export class Functions {
    /** What the last list read: its next page is of the same rows. */
    private lastRead: { readonly of: string; readonly rows: readonly ListedRow[] } | undefined;

    constructor(
        /** All of them; called where one is asked for, since it loads every service. */
        private readonly lists: () => readonly ListDefinition[],
        /** Rejects with an error of one line. */
        private readonly read: ReadList,
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

    /** One answer a row, and one for where the next page begins. Nothing is deleted by what it shows, so it may be everything. */
    async list(request: rpc.ListRequest, send: (answer: rpc.ListResponse) => void): Promise<void> {
        const token = request.getContinuationToken();
        const { rows, next } = pageOf(await this.rowsOf(request, token !== ""), {
            limit: request.getLimit(),
            size: request.getPageSize(),
            token,
        });
        for (const { id, name } of rows) {
            const result = new rpc.ListResponse.Result();
            result.setId(id);
            result.setName(name ?? "");
            const answer = new rpc.ListResponse();
            answer.setResult(result);
            send(answer);
        }
        if (next !== undefined) {
            const continuation = new rpc.ListResponse.Continuation();
            continuation.setContinuationToken(next);
            const answer = new rpc.ListResponse();
            answer.setContinuation(continuation);
            send(answer);
        }
    }

    private async rowsOf(request: rpc.ListRequest, isContinued: boolean): Promise<readonly ListedRow[]> {
        const list = this.listOf(request.getToken());
        const { properties } = unwrap(request.getQuery());
        const of = JSON.stringify([request.getToken(), properties]);
        if (!isContinued || this.lastRead?.of !== of) {
            this.lastRead = { of, rows: await this.read(list, properties, { mayBeWhole: true }) };
        }
        return this.lastRead.rows;
    }

    private listOf(token: string): ListDefinition {
        const resource = afterPackage(token);
        const lists = this.lists().filter((each) => each.resources.includes(resource));
        const [list, another] = lists;
        if (list === undefined || another !== undefined) {
            throw new Error(
                list === undefined
                    ? `${token} can't be listed`
                    : `${token} has more than one kind of target: use ${lists.map(tokenOf).join(" or ")}`,
            );
        }
        return list;
    }
}

/** "roma:listApps" */
function tokenOf({ service, name }: ListDefinition): string {
    return `${service.name}:${name}`;
}

function afterPackage(token: string): string {
    return token.slice(token.indexOf(":") + 1);
}
