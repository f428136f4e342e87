import * as z from "zod";
import type { BatchApi, TargetState } from "../../src/batch/api";
import type { CloudClient, Service } from "../../src/cloud/call";
import type { Act, TargetSetDefinition } from "../../src/services/definition";
import type { ListedThing, ListQuery } from "../../src/services/listed-kind";
import { factsOf } from "../../src/services/shared/facts";
import { failedSubmit, read } from "../../src/services/shared/failures";
import { queryOf } from "../../src/services/shared/listing";

/** An invented service, as its folder in src/services would be. */
export const quarry: Service = {
    name: "quarry",
    title: "Quarry",
    hostLabels: { default: "quarry" },
    authenticationCodes: [],
    permissionCodes: [],
    busyCodes: [],
};

const act: Act = { variant: "", api: stoneDeletion };

export const definitions: readonly TargetSetDefinition[] = [
    {
        resource: "quarry:StoneBatchDeletion",
        service: quarry,
        noun: ["stone", "stones"],
        targets: [
            {
                input: "stoneIds",
                id: z.string().regex(/^[a-z0-9-]{1,64}$/, "must be a stone id"),
                listed: {
                    noun: "stones",
                    states: ["lying", "crumbling"],
                    criteria: { colours: { is: "oneOf" } },
                    list: listStones,
                    mayNotShow: () => undefined,
                },
            },
        ],
        inputs: {},
        placeInputs: [],
        goalInputs: [],
        hasWhen: true,
        hasEnterpriseProject: false,
        acts: () => ({ onCreate: act, onDestroy: act }),
    },
];

const stone = z.object({
    id: z.string(),
    state: z.string(),
    name: z.string().optional(),
    colour: z.string().optional(),
    created: z.string().optional(),
});

async function listStones({ client, signal }: ListQuery, show: (thing: ListedThing) => void): Promise<void> {
    const { stones } = await read(
        client,
        {
            operation: "ListStones",
            method: "GET",
            path: ["v1", client.place.projectId, "stones"],
            effect: "reads",
            answer: z.object({ stones: z.array(stone) }),
        },
        signal,
    );
    for (const { id, name, state, colour, created } of stones) {
        show({
            id,
            name,
            states: [state],
            facts: factsOf({ name, status: state, created }),
            shown: { colours: colour === undefined ? undefined : [colour] },
        });
    }
}

function stoneDeletion(client: CloudClient): BatchApi {
    const path = ["v1", client.place.projectId, "stones"];
    return {
        name: "Quarry stones",
        effect: "deletes",
        perRequest: 2,
        concurrentSubmits: 4,
        exclusive: false,
        polling: { first: 500, floor: 500, cap: 5_000 },
        settleWithin: 60_000,
        inspect: async (keys, { signal }) => {
            const { stones } = await read(
                client,
                {
                    operation: "ListStones",
                    method: "GET",
                    path,
                    query: queryOf({ ids: keys }),
                    effect: "reads",
                    answer: z.object({ stones: z.array(z.object({ id: z.string(), state: z.string() })) }),
                },
                signal,
            );
            const states = new Map(stones.map(({ id, state }) => [id, state]));
            return new Map(keys.map((key): [string, TargetState] => [key, stateOf(states.get(key))]));
        },
        submit: async (keys, signal) => {
            const body = { stone_ids: keys };
            try {
                await client.send(
                    {
                        operation: "DeleteStones",
                        method: "POST",
                        path: [...path, "batch-delete"],
                        body,
                        effect: "changes",
                        targets: keys,
                        answer: z.unknown(),
                    },
                    signal,
                );
                return { is: "accepted", failed: new Map() };
            } catch (error) {
                return failedSubmit(error, keys);
            }
        },
    };
}

function stateOf(state: string | undefined): TargetState {
    if (state === undefined) {
        return { is: "settled" };
    }
    return state === "crumbling" ? { is: "inProgress" } : { is: "ready" };
}
