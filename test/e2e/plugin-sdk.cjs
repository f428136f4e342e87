/**
 * The classes of the package over the provider plugin, so that one program serves both faces: what a generated SDK does, from the same
 * schema. @param pulumi the program's own copy of the SDK @param aliased whether the dynamic types are aliases, as the schema says
 */
module.exports = (pulumi, { aliased = true } = {}) => {
    const schema = require("../../src/provider/plugin/schema.json");
    const origin = { version: schema.version, pluginDownloadURL: schema.pluginDownloadURL };
    const cloud = {
        Provider: class extends pulumi.ProviderResource {
            constructor(name, args, options = {}) {
                super(schema.name, name, args, pulumi.mergeOptions(origin, options));
            }
        },
    };
    for (const [token, { properties, inputProperties, aliases }] of Object.entries(schema.resources)) {
        const [, namespace, name] = token.split(":");
        const outputs = Object.keys(properties).filter((property) => !(property in inputProperties));
        cloud[namespace] ??= {};
        cloud[namespace][name] = class extends pulumi.CustomResource {
            constructor(resource, args, options = {}) {
                const unknown = Object.fromEntries(outputs.map((output) => [output, undefined]));
                const defaults = aliased ? { ...origin, aliases } : origin;
                super(token, resource, { ...unknown, ...args }, pulumi.mergeOptions(defaults, options));
            }
        };
    }
    for (const token of Object.keys(schema.functions)) {
        const [, namespace, name] = token.split(":");
        cloud[namespace][name] = (args) => pulumi.runtime.invoke(token, args, origin);
    }
    return cloud;
};
