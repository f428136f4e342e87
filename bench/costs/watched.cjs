// Loaded into a provider process before all else: how long nothing else got its turn, in our create and outside of it.
"use strict";
const Module = require("node:module");

/** In CPU time of this thread: what other processes take of the machine is not ours. */
const cpu = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
};
let inside = 0;
let last = cpu();
const figures = () => ({ ours: 0, sdk: 0, idle: 0, peak: 0, cpu: 0 });
let now = figures();
const mark = () => {
    const at = cpu();
    const side = inside > 0 ? "ours" : "sdk";
    now[side] = Math.max(now[side], at - last);
    last = at;
};
setInterval(() => {
    mark();
    now.peak = Math.max(now.peak, process.memoryUsage.rss());
}, 1).unref();

const load = Module._load;
Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (request !== "pulumi-huaweicloud-batch/provider") {
        return loaded;
    }
    return {
        ...loaded,
        create: async (...args) => {
            mark();
            inside++;
            try {
                return await loaded.create(...args);
            } finally {
                mark();
                inside--;
            }
        },
    };
};

process.on("message", () => {
    const { user, system } = process.cpuUsage();
    global.gc?.();
    process.send({ ...now, cpu: (user + system) / 1000, idle: process.memoryUsage.rss() });
    now = figures();
    last = cpu();
});
