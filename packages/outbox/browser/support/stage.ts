/**
 * What a test has opened, closed in the reverse order: also when opening the rest fails, since what stays open keeps the file from its end.
 */
export class Stage implements AsyncDisposable {
  readonly #closers: (() => unknown)[] = [];

  /** Calls this at the end. */
  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Disposes of it at the end. */
  use<Opened extends AsyncDisposable>(opened: Opened): Opened {
    this.defer(() => opened[Symbol.asyncDispose]());
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
  }
}

/** What `open` gives, with the stage as its end; what it had opened is closed when it fails. */
export async function staged<Opened extends object>(
  open: (stage: Stage) => Promise<Opened>,
): Promise<Opened & AsyncDisposable> {
  const stage = new Stage();
  try {
    const opened = await open(stage);
    return Object.assign(opened, { [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() });
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
}
