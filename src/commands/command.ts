/** What a command has of its process. Given from outside, so that tests bring their own. */
export interface Terminal {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** To standard output. */
    print(text: string): void;
    /** One line to standard error. */
    warn(line: string): void;
    /** Whether standard output shows colours: a terminal, and no `NO_COLOR`. */
    readonly colours: boolean;
    /** A line on standard error that the next one replaces, and "" removes; nothing where that is no terminal. */
    progress(line: string): void;
}

export interface Option {
    /** "text": with a value, called `value` in the help. */
    readonly is: "flag" | "text";
    readonly value?: string;
    /** What it does, for the help. */
    readonly help: string;
}

/** A command with options and positional arguments of its own, e.g. `report DIRECTORY --json`. */
export interface Command {
    readonly name: string;
    /** One line, for the list of commands. */
    readonly summary: string;
    /** The positional arguments, all of them required: `["DIRECTORY"]`. */
    readonly positionals: readonly string[];
    /** By their names without the dashes. `--help`, `-h` and `--version` need no mention. */
    readonly options: Readonly<Record<string, Option>>;
    /** Lists of options of which at most one may be given. */
    readonly exclusive?: ReadonlyArray<readonly string[]>;
    /** Lines below the options in the help: the exit codes. */
    readonly notes: readonly string[];
    /** Returns the exit code. What it throws is shown in one line, and the exit code is then 1. */
    run(given: Given, terminal: Terminal): Promise<number>;
}

/** A command whose arguments another program parses. */
export interface ForwardedCommand {
    readonly name: string;
    readonly summary: string;
    forward(args: readonly string[], terminal: Terminal): number;
}

/** The arguments of one call. */
export interface Given {
    /** As many as the command has. */
    readonly positionals: readonly string[];
    has(flag: string): boolean;
    text(option: string): string | undefined;
}
