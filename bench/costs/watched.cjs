// Loaded into a provider process before all else: measures the longest stretches without a turn of the event loop, in our hooks and outside of them.
"use strict";
const Module = require("node:module");
const { PerformanceObserver } = require("node:perf_hooks");

/** CPU time of this thread, so that the work of other processes does not count. */
const cpu = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
};
/** Memory that is left when all garbage is collected. That takes long, so it is done only where nothing else is measured. */
const inUse = () => {
    global.gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
};
const collects = process.env.COLLECT === "yes";
const pauses = [];
const keepPauses = (entries) => pauses.push(...entries.map(({ startTime, duration }) => ({ startTime, duration })));
const observer = new PerformanceObserver((list) => keepPauses(list.getEntries()));
observer.observe({ entryTypes: ["gc"] });

/** Shorter stretches are not recorded one by one. Milliseconds. */
const WORTH_NOTING = 10;
let inside = 0;
let last = { cpu: cpu(), at: performance.now() };
let stretches = [];
const figures = () => ({ peak: 0, used: 0 });
let now = figures();
const mark = () => {
    const next = { cpu: cpu(), at: performance.now() };
    const took = next.cpu - last.cpu;
    if (took >= WORTH_NOTING) {
        stretches.push({ side: inside > 0 ? "ours" : "sdk", from: last.at, to: next.at, took });
    }
    last = next;
};
setInterval(() => {
    mark();
    now.peak = Math.max(now.peak, process.memoryUsage.rss());
}, 1).unref();
if (collects) {
    setInterval(() => {
        now.used = Math.max(now.used, inUse());
    }, 500).unref();
}

/** The longest stretch, with the collection of garbage in it and without. */
const longest = (side, withCollection) => {
    const collected = ({ from, to }) =>
        pauses.reduce((sum, { startTime, duration }) => sum + (startTime >= from && startTime < to ? duration : 0), 0);
    const lengths = stretches
        .filter((stretch) => stretch.side === side)
        .map((stretch) => (withCollection ? stretch.took : Math.max(0, stretch.took - collected(stretch))));
    return Math.max(0, ...lengths);
};

const load = Module._load;
Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (request !== "pulumi-huaweicloud-batch/provider") {
        return loaded;
    }
    const watched =
        (hook) =>
        async (...args) => {
            mark();
            inside++;
            try {
                return await hook(...args);
            } finally {
                mark();
                inside--;
            }
        };
    return { ...loaded, check: watched(loaded.check), create: watched(loaded.create) };
};

process.on("message", () => {
    const { user, system } = process.cpuUsage();
    keepPauses(observer.takeRecords());
    const seen = {
        ...now,
        ours: longest("ours", true),
        oursAlone: longest("ours", false),
        sdk: longest("sdk", true),
        cpu: (user + system) / 1000,
    };
    const usedWhenIdle = inUse();
    process.send({ ...seen, usedWhenIdle, idle: process.memoryUsage.rss() });
    now = figures();
    stretches = [];
    last = { cpu: cpu(), at: performance.now() };
});
