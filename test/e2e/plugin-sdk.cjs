/**
 * The classes of the package over the provider plugin, so that one program serves both faces: what a generated SDK does, from the same
 * schema. @param pulumi the program's own copy of the SDK
 */
module.exports = (pulumi) => {
    const schema = require("../../src/provider/plugin/schema.json");
    const origin = { version: schema.version, pluginDownloadURL: schema.pluginDownloadURL };
    const cloud = {};
    for (const [token, { properties, inputProperties, aliases }] of Object.entries(schema.resources)) {
        const [, namespace, name] = token.split(":");
        const outputs = Object.keys(properties).filter((property) => !(property in inputProperties));
        cloud[namespace] ??= {};
        cloud[namespace][name] = class extends pulumi.CustomResource {
            constructor(resource, args, options = {}) {
                const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
                super(token, resource, { ...unknown, ...args }, pulumi.mergeOptions({ ...origin, aliases }, options));
            }
        };
    }
    for (const token of Object.keys(schema.functions)) {
        const [, namespace, name] = token.split(":");
        cloud[namespace][name] = (args) => pulumi.runtime.invoke(token, args, origin);
    }
    return cloud;
};
