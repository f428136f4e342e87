import type { Terminal } from "../../src/commands/command";

/** What a command printed. */
export class Screen implements Terminal {
    constructor(
        readonly cwd = "/",
        readonly env: Terminal["env"] = {},
    ) {}

    readonly colours = false;
    out = "";
    err = "";
    print(text: string) {
        this.out += text;
    }
    warn(line: string) {
        this.err += `${line}\n`;
    }
    progress() {}
}
