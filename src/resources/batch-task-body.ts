import type { Input } from "@pulumi/pulumi";

/** When a batch task runs. */
export interface BatchTaskSchedule {
    /** The service has no other type. */
    type: Input<"weekly">;
    /** An offset: "+08:00". */
    timezone: Input<string>;
    /** 1 (Monday) to 7 (Sunday). */
    daysOfWeek: Input<Input<number>[]>;
    /** Per day, the windows in which the task runs, as "hh:mm:ss". */
    periods: Input<Input<Input<{ beginAt: Input<string>; endAt: Input<string> }>[]>[]>;
}

/** The video sources of a batch task: one child task for each. */
export interface BatchTaskInput {
    videoSourceGroup: Input<
        Input<{
            videoSourceGroupId: Input<string>;
            /** Give it: the documentation does not say whether the service accepts a group without sources. */
            videoSourceList?:
                | Input<Input<{ videoSourceId: Input<string>; targetRoi?: Input<string> | undefined }>[]>
                | undefined;
        }>[]
    >;
}

/** Where a batch task sends its results: give at least one. */
export interface BatchTaskOutput {
    /** An OBS bucket, and a path in it. */
    obs?:
        | Input<{
              bucket: Input<string>;
              path: Input<string>;
              dataCategory?: Input<Input<string>[]> | undefined;
          }>
        | undefined;
    /** A DIS stream. */
    dis?:
        | Input<{
              streamName: Input<string>;
              dataCategory?: Input<Input<string>[]> | undefined;
          }>
        | undefined;
    webhook?:
        | Input<{
              url: Input<string>;
              /** 1 to 10. */
              headers: Input<Record<string, Input<string>>>;
              dataCategory?: Input<Input<string>[]> | undefined;
          }>
        | undefined;
    eventCenter?: Input<boolean> | undefined;
}

/** The request body of CreateBatchTask, with names in camelCase. */
export interface BatchTaskBody {
    /** 1 to 100 Chinese characters, letters, digits, "-" or "_"; unique in the project. */
    name: Input<string>;
    /** At most 500 characters. */
    description?: Input<string> | undefined;
    /** Default: runs always. */
    schedule?: Input<BatchTaskSchedule> | undefined;
    batchInput: Input<BatchTaskInput>;
    /** Always secret, because webhook headers often are. */
    output: Input<BatchTaskOutput>;
    /** Defined by the algorithm. */
    config?: Input<{ common: Input<Record<string, unknown>> }> | undefined;
    /** The VIAS service that does the work. A change replaces the batch task. */
    serviceName: Input<string>;
    /** A change replaces the batch task. */
    serviceVersion: Input<string>;
    /** Default false. */
    isSavedAsTemplate?: Input<boolean> | undefined;
    /** Commercial algorithms only. */
    resourceOrderId?: Input<string> | undefined;
}
