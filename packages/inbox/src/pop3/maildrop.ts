/**
 * The mailbox of one POP3 session: its messages are numbered at the login, and deleted together at the end.
 *
 * RFC 1939 §5 (numbers, deletion marks), §6 (deletion), §7 (unique ids).
 */

/** Where the messages of a mailbox are kept. */
export interface MailSource {
  /** The messages, oldest first. */
  list(): readonly { readonly id: string; readonly size: number }[];
  /** The bytes of a message; undefined when it is gone. */
  read(id: string): Uint8Array | undefined;
  /** Deletes messages; ids of messages that are gone are passed over. */
  remove(ids: readonly string[]): void;
}

/** One message of the mailbox. */
export interface Mail {
  /** From 1. */
  readonly number: number;
  /** The same in each session. */
  readonly id: string;
  /** Bytes. */
  readonly size: number;
}

/** SECURITY: it holds no bytes of messages, so that a session cannot keep in memory what the inbox has let go. */
export class Maildrop {
  readonly #source: MailSource;
  readonly #mails: readonly Mail[];
  readonly #marked = new Set<Mail>();
  readonly #size: number;
  #markedSize = 0;

  constructor(source: MailSource) {
    this.#source = source;
    this.#mails = source.list().map(({ id, size }, index) => ({ number: index + 1, id, size }));
    this.#size = this.#mails.reduce((sum, { size }) => sum + size, 0);
  }

  /** Messages that are not marked. */
  get count(): number {
    return this.#mails.length - this.#marked.size;
  }

  /** Bytes of the messages that are not marked. */
  get size(): number {
    return this.#size - this.#markedSize;
  }

  /** The message of this number; undefined when there is none, or when it is marked. */
  find(number: number): Mail | undefined {
    const mail = this.#mails[number - 1];
    return mail === undefined || this.#marked.has(mail) ? undefined : mail;
  }

  /** The messages that are not marked. */
  *mails(): Generator<Mail> {
    for (const mail of this.#mails) if (!this.#marked.has(mail)) yield mail;
  }

  /** The bytes of a message; undefined when it is gone since the login. */
  read({ id }: Mail): Uint8Array | undefined {
    return this.#source.read(id);
  }

  /** Marks a message that is not marked yet. */
  mark(mail: Mail): void {
    this.#marked.add(mail);
    this.#markedSize += mail.size;
  }

  unmarkAll(): void {
    this.#marked.clear();
    this.#markedSize = 0;
  }

  /** Deletes the marked messages. */
  update(): void {
    if (this.#marked.size > 0) this.#source.remove(Array.from(this.#marked, ({ id }) => id));
  }
}
