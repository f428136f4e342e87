export const GROUP = "b0000000000000000000000000000001";
export const SOURCES = ["c0000000000000000000000000000001", "c0000000000000000000000000000002"];

export const inputOf = (sources: readonly string[]) => ({
    videoSourceGroup: [
        { videoSourceGroupId: GROUP, videoSourceList: sources.map((videoSourceId) => ({ videoSourceId })) },
    ],
});

/** A batch task with two children, and nothing declared of their state. */
export const task = {
    __resource: "vias:BatchTask",
    __urn: "urn:task",
    __provider: "code",
    name: "counting",
    batchInput: inputOf(SOURCES),
    output: { eventCenter: true },
    serviceName: "people-counting",
    serviceVersion: "1.0.0",
};
export const started = { ...task, desiredState: "started" };
export const stopped = { ...task, desiredState: "stopped" };

/** What a program declares of it. */
export type Declared = typeof task & { readonly desiredState?: string; readonly timeout?: string };
