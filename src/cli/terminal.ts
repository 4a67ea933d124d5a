/** What a command sees of the process it runs in. Passed in, so that nothing below reaches for globals. */

export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly home: string;
  /** Where the program's own files are: `models`, `package.json`. */
  readonly root: string;
  /** All of standard input. */
  readStdin(): Promise<Uint8Array>;
  /** Aborted by Ctrl+C, and when nobody reads what is written any more. */
  readonly signal: AbortSignal;
}

export interface Output {
  /** True for a person's screen, false for a file or a pipe. */
  readonly isTerminal: boolean;
  /** Whether colors are welcome. */
  readonly colors: boolean;
  readonly columns: number;
  write(text: string): void;
}

/** A stream as an output. What cannot be written is told to `onFailure`, once, and dropped from then on. */
export function streamOutput(
  stream: NodeJS.WriteStream,
  env: Terminal["env"],
  onFailure: (error: NodeJS.ErrnoException) => void,
): Output & { finish(): Promise<void> } {
  let failed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (!failed) onFailure(error);
    failed = true;
  });
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    colors: isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb",
    get columns() {
      return isTerminal && 0 < stream.columns ? stream.columns : 80; // some terminals do not know
    },
    write(text) {
      if (!failed && text !== "") stream.write(text);
    },
    /** Waits until everything is handed over, or it is known that it cannot be. */
    async finish() {
      if (0 < stream.writableLength && !failed) {
        await new Promise<void>((resolve) => {
          stream.once("error", () => resolve());
          stream.write("", () => resolve());
        });
      }
      // A file is written at once, but its failure is told a turn later.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

const codes: Record<Style, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  cyan: [36, 39],
};

export function styled({ colors }: Output, style: Style, text: string): string {
  if (!colors || text === "") return text;
  const [on, off] = codes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** Text of models and files for a screen: no control characters, or it could move the cursor and hide what it does. */
export function plain({ isTerminal }: Output, text: string): string {
  return isTerminal ? text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\r(?!\n)/g, "\ufffd") : text;
}
