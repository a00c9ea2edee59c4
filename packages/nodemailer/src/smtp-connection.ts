/**
 * One connection that a program opens, logs in to, sends over and closes by itself.
 *
 * Layer: nodemailer.
 */
import { EventEmitter } from "node:events";
import type { Readable } from "node:stream";
import { SmtpClient, type SmtpReply } from "postrider";
import { customLogin } from "./custom-auth.js";
import { mailError, toNodemailerError } from "./errors.js";
import { type CompleteLogger, getLogger } from "./logger.js";
import { MimeNode } from "./mime-node.js";
import { deliver } from "./smtp-delivery.js";
import { authOf, connectionOptions, readOptions } from "./smtp-options.js";
import type {
  AuthOptions,
  Callback,
  CustomAuthContext,
  CustomAuthHandler,
  CustomAuthResponse,
  DsnOptions,
  Envelope,
  NodemailerError,
  SendMailOptions,
  SmtpOptions,
  SmtpSentMessageInfo,
} from "./types.js";
import { VERSION } from "./version.js";
import type { XOAuth2 } from "./xoauth2.js";

type Done = (error?: NodemailerError | null) => void;

export declare namespace SMTPConnection {
  export type Options = SmtpOptions;
  export type Credentials = { user: string; pass: string };
  export type AuthenticationType = AuthOptions & { oauth2?: XOAuth2 | undefined };
  export type AuthenticationTypeLogin = AuthenticationType;
  export type AuthenticationTypeOAuth2 = AuthenticationType;
  export type AuthenticationTypeCustom = AuthenticationType;
  export type CustomAuthenticationContext = CustomAuthContext;
  export type CustomAuthenticationResponse = CustomAuthResponse;
  export type CustomAuthenticationHandlers = { [method: string]: CustomAuthHandler };
  export type DSNOptions = DsnOptions;
  export type SMTPError = NodemailerError;
  export type SentMessageInfo = SmtpSentMessageInfo;
  export type Envelope = import("./types.js").Envelope & { use8BitMime?: boolean; size?: number; dsn?: DsnOptions };
}

/** Emits `connect`, `error` and `end`. Errors of a call go to its callback where it has one. */
export class SMTPConnection extends EventEmitter {
  readonly options: SmtpOptions;
  readonly version: string = VERSION;
  readonly logger: CompleteLogger;
  authenticated = false;
  destroyed = false;
  /** The last reply: code and text. */
  lastServerResponse: string | false = false;
  readonly #client: SmtpClient;
  #isEnded = false;

  /** @throws ECONFIG for options that contradict each other */
  constructor(options: SmtpOptions = {}) {
    super();
    const { auth: _, ...rest } = readOptions(options);
    this.options = rest;
    this.logger = getLogger({ component: "smtp-connection", ...rest });
    const known = connectionOptions(rest);
    this.#client = new SmtpClient({
      ...known,
      allowPlaintextAuth: rest.allowPlaintextAuth === true,
      trace: (event) => {
        known.trace?.(event);
        if (event.type === "server") this.lastServerResponse = event.line;
        if (event.type === "close") this.#ended();
      },
    });
  }

  /** Whether the connection is inside TLS. */
  get secure(): boolean {
    return this.#client.isSecure;
  }

  /** Whether the server offers AUTH. */
  get allowsAuth(): boolean {
    return this.#client.authMethods.length > 0;
  }

  connect(connected?: Done): void {
    this.#run(this.#client.connect({ hello: true }), connected, () => this.emit("connect"));
  }

  login(auth: SMTPConnection.AuthenticationType, done: Done): void {
    this.#run(this.#login(auth), done, () => {
      this.authenticated = true;
    });
  }

  /** Sends the message for this envelope, whatever its header says. */
  send(
    envelope: SMTPConnection.Envelope,
    message: string | Buffer | Readable,
    done: Callback<SmtpSentMessageInfo>,
  ): void {
    const sending = (async () => {
      const node = new MimeNode().setRaw(message).setEnvelope(envelope as Envelope);
      const data = { envelope, dsn: envelope.dsn } as SendMailOptions;
      return deliver({ message: node, data }, (input, options) => this.#client.send(input, options));
    })();
    sending.then(
      (info) => queueMicrotask(() => done(null, info)),
      (error: unknown) => queueMicrotask(() => done(toNodemailerError(error), undefined as never)),
    );
  }

  reset(done: Done): void {
    this.#run(this.#client.rset(), done);
  }

  quit(): void {
    this.#client.quit().catch(() => undefined);
  }

  close(): void {
    this.destroyed = true;
    this.#client.close();
    this.#ended();
  }

  async #login(auth: SMTPConnection.AuthenticationType): Promise<SmtpReply | undefined> {
    const { oauth2 } = auth;
    if (oauth2 !== undefined) {
      const accessToken = await new Promise<string>((resolve, reject) =>
        oauth2.getToken(false, (error, token) => (error ? reject(error) : resolve(token))),
      );
      return this.#client.auth("XOAUTH2", { username: auth.user ?? oauth2.options.user ?? "", accessToken });
    }
    if (customLogin({ ...this.options, auth }) !== undefined) {
      throw mailError("EAUTH", "customAuth: is supported by the transports only, not by SMTPConnection", {
        command: "API",
      });
    }
    const known = authOf({ auth });
    if (known?.pass === undefined) throw mailError("EAUTH", "auth: needs user and pass", { command: "API" });
    if (!known.method) return this.#client.login(known.user, known.pass);
    return this.#client.auth(known.method, { username: known.user, password: known.pass });
  }

  #run(call: Promise<unknown>, done: Done | undefined, then: () => void = () => undefined): void {
    call.then(
      () =>
        queueMicrotask(() => {
          then();
          done?.(null);
        }),
      (error: unknown) => queueMicrotask(() => this.#failed(toNodemailerError(error), done)),
    );
  }

  #failed(error: NodemailerError, done: Done | undefined): void {
    if (done !== undefined) done(error);
    else if (this.listenerCount("error") > 0) this.emit("error", error);
  }

  #ended(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.destroyed = true;
    this.emit("end");
  }
}
