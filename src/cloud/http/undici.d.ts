// The one part of undici that every request needs, without its index, which loads fetch, WebSocket, caches and mocks too (109 files
// for 22). undici has no map of exports, its version is pinned, and its types describe the index alone.
declare module "undici/lib/dispatcher/agent.js" {
    export { Agent as default } from "undici";
}
