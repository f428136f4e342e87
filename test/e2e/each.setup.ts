import { stopLines } from "./shell";
import { closeStacks } from "./stack";
import { closeTenants } from "./tenant";

/** A story of several CLI runs, on a slow machine that builds something else at the same time. */
jest.setTimeout(10 * 60_000);

afterEach(async () => {
    stopLines();
    await closeStacks();
    await closeTenants();
});
