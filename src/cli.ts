#!/usr/bin/env node
import type { Command, ForwardedCommand } from "./commands/command";
import { emulate } from "./commands/emulate";
import { main } from "./commands/main";
import { plan } from "./commands/plan";
import { processTerminal } from "./commands/process-terminal";
import { report } from "./commands/report";

/** Each is a module that loads what it needs when it runs. */
const commands: ReadonlyArray<Command | ForwardedCommand> = [plan, report, emulate];

void main(commands, process.argv.slice(2), processTerminal(process)).then((exitCode) => {
    // Not exit(): output that a pipe has not taken yet would be lost.
    process.exitCode = exitCode;
});
