import { oldNode } from "./node-version";

/** Imported before anything else, for on an old Node the rest breaks with words that help nobody. */
const problem = oldNode(process.versions.node);
if (problem !== undefined) {
    // Pulumi shows a RunError without its stack; a provider process prints the stack.
    throw Object.assign(new Error(problem), { name: "RunError", __pulumiRunError: true, stack: problem });
}
