/**
 * The command on a pseudo-terminal, made by `script` of util-linux: it asks, shows bars and colours, and can be typed at.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { environment, MAIN, type RunOptions } from "./command.js";

export class Terminal implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #screen = "";
  #changed: () => void = () => undefined;

  constructor(args: readonly string[], { env = {}, cwd }: RunOptions = {}) {
    const line = ["exec", process.execPath, MAIN, ...args]
      .map(quote)
      .join(" ")
      .replace(/^'exec'/, "exec");
    this.#child = spawn(
      "script",
      ["--quiet", "--flush", "--return", "--command", `stty cols 100; ${line}`, "/dev/null"],
      {
        cwd,
        env: environment({ TERM: "xterm-256color", ...env }),
        stdio: "pipe",
      },
    );
    this.#child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      this.#screen += piece;
      this.#changed();
    });
    this.#ended = once(this.#child, "close");
    void this.#ended.then(() => this.#changed());
  }

  /** Everything that was shown so far, with what moves the cursor. */
  get screen(): string {
    return this.#screen;
  }

  /** Resolves when the text is on the screen; rejects when the command ends before. */
  async shows(text: string | RegExp): Promise<void> {
    let isOver = false;
    void this.#ended.then(() => {
      isOver = true;
    });
    while (!(typeof text === "string" ? this.#screen.includes(text) : text.test(this.#screen))) {
      if (isOver) throw new Error(`the command ended without ${String(text)}:\n${this.#screen}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits for the end. @returns the exit code of the command. */
  async end(): Promise<number | null> {
    const [code] = await this.#ended;
    this.#child.stdin?.destroy();
    return code as number | null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
