/**
 * The inbox: an SMTP server that keeps what it gets, for development and tests.
 */
import { acceptInOrder } from "./accept.js";
import type { InboxMessage } from "./message.js";
import { checkOptions, type InboxOptions, type InboxSettings, isLoopback } from "./options.js";
import { type Delivery, unparsed } from "./parse-message.js";
import { type Pop3Side, startPop3Side } from "./pop3/pop3-side.js";
import { releaseTo } from "./release.js";
import { replyWith } from "./reply.js";
import {
  type DropPhase,
  type InboxRule,
  type InboxRules,
  type RefuseMatch,
  RuleBook,
  type RuleOptions,
} from "./smtp/rules.js";
import { makeSelfSigned } from "./smtp/self-signed.js";
import { type SmtpSide, startSmtpSide } from "./smtp/smtp-side.js";
import { kindOfFilter, SpamFilter } from "./spam/spam-filter.js";
import { Maildir } from "./store/maildir.js";
import { MessageStore } from "./store/message-store.js";
import type { InboxPredicate, WaitOptions } from "./store/waiters.js";
import type { ApiInbox, ApiWebhook } from "./web/api-types.js";
import { MessageFinder } from "./web/embedded.js";
import { anyAddress, publicAddress } from "./web/reachable.js";
import { startWebSide, type WebSide } from "./web/web-side.js";
import { Webhook } from "./webhook.js";
import { revived } from "./work/tasks.js";
import { Workshop } from "./work/workshop.js";

/** A running inbox. */
export interface Inbox extends InboxRules, AsyncDisposable {
  /** The port that takes mail. */
  readonly smtpPort: number;
  /** The port that mail is read from by POP3; undefined without it. */
  readonly pop3Port: number | undefined;
  /** Undefined without a page. */
  readonly webPort: number | undefined;
  /** Address of the page; undefined without one. */
  readonly url: string | undefined;
  /** The Unix socket that takes mail, when there is one. */
  readonly socketPath: string | undefined;
  /** The certificate of TLS as PEM, for the `ca` of a client; undefined without TLS. */
  readonly certificate: string | undefined;
  /** What has arrived and was not dropped or cleared, oldest first. */
  readonly messages: readonly InboxMessage[];
  /**
   * The first message that fits, among those already there or those to come.
   *
   * @throws InboxTimeoutError after `timeout` milliseconds (default 3000), telling what did arrive; InboxClosedError;
   * InboxOptionError when `predicate` is no function; the reason of `signal`.
   */
  waitFor(predicate: (message: InboxMessage) => boolean, options?: WaitOptions): Promise<InboxMessage>;
  /** Forgets all messages. */
  clear(): void;
  /** Ends every connection and frees the ports. What has arrived stays readable. */
  close(): Promise<void>;
}

/**
 * Starts an inbox on loopback. It takes every message and sends none on.
 *
 * @example
 * await using inbox = await startInbox({ smtpPort: 0, webPort: false });
 * // ... the program under test sends mail to 127.0.0.1, port inbox.smtpPort
 * const message = await inbox.waitFor((m) => m.subject === "Welcome");
 *
 * @throws InboxOptionError for a bad option, InboxListenError when a port or path cannot be had.
 */
export async function startInbox(options: InboxOptions = {}): Promise<Inbox> {
  const settings = checkOptions(options);
  const rules = new RuleBook();
  const maildir = settings.store === undefined ? undefined : await Maildir.open(settings.store);
  const store = new MessageStore(settings, maildir);
  // The page has a thread of its own: a look at a hostile message must not hold up what arrives.
  const workshops = { arrivals: new Workshop(), page: new Workshop() };
  const parse = (delivery: Delivery): Promise<InboxMessage> => parseIn(workshops.arrivals, delivery, settings.maxBytes);
  if (maildir !== undefined) await restore(maildir, store, settings.maxMessages, parse);
  const identity = settings.identity ?? (settings.tlsMode === undefined ? undefined : await makeSelfSigned());
  const accept = acceptInOrder({ store, rules, protocol: settings.protocol, maildir, parse });
  const webhook = settings.webhook === undefined ? undefined : new Webhook(settings.webhook, store);
  const spamFilter = settings.spamFilter === undefined ? undefined : new SpamFilter(settings.spamFilter);
  let web: WebSide | undefined;
  let pop3: Pop3Side | undefined;
  const smtp = await startSmtpSide({ settings, rules, identity, accept, pageUrl: () => web?.url });
  try {
    const port = settings.pop3Port;
    pop3 = port === undefined ? undefined : await startPop3Side({ settings, port, store, identity });
    web =
      settings.webPort === false
        ? undefined
        : await startWebSide(settings, settings.webPort, {
            store,
            finder: new MessageFinder(store, workshops.page),
            outbox: settings.outbox,
            dkimKeys: settings.dkimKeys,
            mayReach: isForOneMachine(settings) ? anyAddress : publicAddress,
            workshop: workshops.page,
            inbox: () => factsOf(settings, { smtpPort: smtp.port, pop3Port: pop3?.port }, webhook?.state),
            release: settings.release === undefined ? undefined : releaseTo(settings.release),
            reply: replyWith(accept),
            spamFilter,
          });
    const certificate = identity?.cert;
    return new RunningInbox({
      settings,
      rules,
      certificate,
      store,
      maildir,
      smtp,
      pop3,
      web,
      webhook,
      spamFilter,
      workshops,
    });
  } catch (error) {
    await Promise.all([smtp.close(), pop3?.close(), workshops.arrivals.close(), webhook?.close()]);
    throw error;
  }
}

interface Parts {
  readonly settings: InboxSettings;
  readonly rules: RuleBook;
  readonly certificate: string | undefined;
  readonly store: MessageStore;
  readonly maildir: Maildir | undefined;
  readonly smtp: SmtpSide;
  readonly pop3: Pop3Side | undefined;
  readonly web: WebSide | undefined;
  readonly webhook: Webhook | undefined;
  readonly spamFilter: SpamFilter | undefined;
  readonly workshops: { readonly arrivals: Workshop; readonly page: Workshop };
}

class RunningInbox implements Inbox {
  readonly smtpPort: number;
  readonly pop3Port: number | undefined;
  readonly webPort: number | undefined;
  readonly url: string | undefined;
  readonly socketPath: string | undefined;
  readonly certificate: string | undefined;
  readonly #parts: Parts;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.smtpPort = parts.smtp.port;
    this.pop3Port = parts.pop3?.port;
    this.webPort = parts.web?.port;
    this.url = parts.web?.url;
    this.socketPath = parts.settings.socketPath;
    this.certificate = parts.certificate;
  }

  get messages(): readonly InboxMessage[] {
    return this.#parts.store.messages;
  }

  waitFor(predicate: InboxPredicate, options?: WaitOptions): Promise<InboxMessage> {
    return this.#parts.store.waitFor(predicate, options);
  }

  clear(): void {
    this.#parts.store.clear();
  }

  refuse(match: RefuseMatch, reply?: string, options?: RuleOptions): InboxRule {
    return this.#parts.rules.refuse(match, reply, options);
  }

  delay(ms: number): InboxRule {
    return this.#parts.rules.delay(ms);
  }

  dropAfter(phase: DropPhase, options?: RuleOptions): InboxRule {
    return this.#parts.rules.dropAfter(phase, options);
  }

  removeRules(): void {
    this.#parts.rules.removeRules();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { store, maildir, smtp, pop3, web, webhook, spamFilter, workshops } = this.#parts;
    store.close();
    spamFilter?.close();
    await Promise.all([
      smtp.close(),
      pop3?.close(),
      web?.close(),
      webhook?.close(),
      workshops.arrivals.close(),
      workshops.page.close(),
    ]);
    await maildir?.close();
  }
}

async function restore(
  maildir: Maildir,
  store: MessageStore,
  limit: number,
  parse: (delivery: Delivery) => Promise<InboxMessage>,
): Promise<void> {
  for await (const { delivery, read } of maildir.load(limit)) store.add(await parse(delivery), read);
}

async function parseIn(workshop: Workshop, delivery: Delivery, maxKept: number): Promise<InboxMessage> {
  try {
    const parsed = await workshop.run("parse", { delivery, maxKept }, delivery.raw.byteLength);
    return { ...revived(parsed), raw: delivery.raw };
  } catch (error) {
    return unparsed(delivery, error instanceof Error ? error.message : String(error));
  }
}

/** Nobody reaches its page from elsewhere, also not through a proxy. */
function isForOneMachine({ host, allowedHosts }: InboxSettings): boolean {
  return isLoopback(host) && allowedHosts.length === 0;
}

function factsOf(
  { host, tlsMode, auth, protocol, release, spamFilter, outbox }: InboxSettings,
  { smtpPort, pop3Port }: Pick<ApiInbox, "smtpPort" | "pop3Port">,
  webhook: ApiWebhook | undefined,
): ApiInbox {
  return {
    host,
    smtpPort,
    ...(pop3Port === undefined ? {} : { pop3Port }),
    protocol,
    tls: tlsMode ?? "none",
    auth: auth === undefined ? "none" : auth === "any" ? "any" : "required",
    ...(typeof auth === "object" && auth.username === undefined ? { anyUser: true } : {}),
    releaseTo: release?.to,
    webhook,
    ...(spamFilter === undefined ? {} : { spamFilter: kindOfFilter(spamFilter) }),
    ...(outbox === undefined ? {} : { outbox: true }),
  };
}
