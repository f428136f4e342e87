// Loaded into a provider process before all else: tells on demand how much memory the process has.
"use strict";
process.on("message", () => process.send(process.memoryUsage.rss()));
