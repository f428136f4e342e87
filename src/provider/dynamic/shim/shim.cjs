// Frozen: a stack's state holds this provider's text, twice for each resource, and it must be the same text for ever, from every
// release and Node version (test/provider/shim.test.ts pins its hash). So: hand-written, never compiled, captures nothing, plain
// ES2018. Each hook hands on whatever arguments it gets, those that a later SDK may add included; their shapes are in shim.d.cts.
"use strict";

// Not itself `module.exports`: the serializer would turn that into a require() of this file, which the package does not export.
const provider = {
    configure: (req) => require("pulumi-huaweicloud-batch/provider").configure(req.config),
    check: (...a) => require("pulumi-huaweicloud-batch/provider").check(...a),
    diff: (...a) => require("pulumi-huaweicloud-batch/provider").diff(...a),
    create: (...a) => require("pulumi-huaweicloud-batch/provider").create(...a),
    read: (...a) => require("pulumi-huaweicloud-batch/provider").read(...a),
    update: (...a) => require("pulumi-huaweicloud-batch/provider").update(...a),
    delete: (...a) => require("pulumi-huaweicloud-batch/provider").remove(...a),
};

exports.provider = provider;
