import type { ListedKind, ListedThing } from "../listed-kind";
import { factsOf } from "../shared/facts";
import { shownTexts } from "../shared/shown";
import { showInstances } from "./api";
import { instanceFacts } from "./deletion";
import { INSTANCE_STATES, type Instance } from "./types";

/** What a rule may choose instances by: the columns of ListInstances. It shows no availability zone. */
export const listedInstances: ListedKind = {
    noun: "instances",
    states: INSTANCE_STATES,
    criteria: {
        tags: { is: "pairs" },
        imageIds: { is: "oneOf" },
        vpcIds: { is: "oneOf" },
        serverIds: { is: "oneOf" },
    },
    list: ({ client, signal }, show) => showInstances(client, {}, (instance) => show(listedInstance(instance)), signal),
    // Whether policies or enterprise projects narrow the list is not documented.
    mayNotShow: () => "instances that the caller's permissions or enterprise projects leave out",
};

export function listedInstance(instance: Instance): ListedThing {
    const { id, name, state, tags, imageId, vpcId, serverId } = instance;
    return {
        id,
        name,
        states: state ? [state] : [],
        facts: factsOf(instanceFacts(instance)),
        shown: {
            tags: tags.map(({ key, value }) => [key, value] as const),
            ...shownTexts({ imageIds: imageId, vpcIds: vpcId, serverIds: serverId }),
        },
    };
}
