/** A control call, or a seed, that names what does not exist. Its message is one line. */
export class ControlProblem extends Error {
    override readonly name = "ControlProblem";
}
