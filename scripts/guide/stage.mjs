// @ts-check
/**
 * The stage: all the servers that blocks of the guide talk to, on free ports of this machine, and what has arrived at them.
 *
 * Layer: scripts. Needs the packages and their tests built (the certificates are those of the library's tests).
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificatesModule, inboxModule } from "../workspace/built.mjs";
import { lmtpServer, submissionServer } from "./able-servers.mjs";
import { silentServer, strictServer, unreliableServer } from "./difficult-servers.mjs";
import { startMiddlemen } from "./middlemen.mjs";
import { PRIVATE_NAMES, PUBLIC_NAMES, ROUTES, SOCKET_PATH, SOCKETS } from "./places.mjs";

/** @typedef {import("../../packages/inbox/src/index.js").Inbox} Inbox */
/** @typedef {import("../../packages/inbox/src/index.js").InboxMessage} InboxMessage */

/**
 * @typedef {object} Stage
 * @property {Inbox} inbox The plain one, which the reader knows.
 * @property {Readonly<Record<string, string>>} files What blocks may open: ca.pem, client-cert.pem, client-key.pem.
 * @property {NodeJS.ProcessEnv} environment For the process in which a block runs.
 * @property {() => { message: InboxMessage, inbox: Inbox }[]} arrivals Messages that came since the last call.
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ smtpPort?: number, webPort?: number | false, outbox?: import("../../packages/outbox/src/index.js").Outbox }} [options] Of the
 *   plain inbox; default: a free port, no page, and no outbox in it.
 * @returns {Promise<Stage>}
 */
export async function openStage({ smtpPort = 0, webPort = false, outbox } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "postrider-guide-"));
  const socketPath = join(folder, "smtp.sock");
  const { startInbox } = await inboxModule();
  const { publicCa, files, publicServer, privateServer } = await identities();
  await writeFile(join(folder, "trusted.pem"), publicCa);

  const inbox = await startInbox({ smtpPort, webPort, socketPath, auth: "any", outbox });
  /** @type {(identity: { key: string, cert: string }, mode: "implicit" | "starttls") => Promise<Inbox>} */
  const secured = (identity, mode) =>
    startInbox({ smtpPort: 0, webPort: false, auth: "any", tls: { key: identity.key, cert: identity.cert, mode } });
  const [tls, starttls, privateTls, privateStarttls] = await Promise.all([
    secured(publicServer, "implicit"),
    secured(publicServer, "starttls"),
    secured(privateServer, "implicit"),
    secured(privateServer, "starttls"),
  ]);
  const [strict, unreliable, silent] = await Promise.all([strictServer(), unreliableServer(), silentServer()]);
  const [submission, lmtp] = await Promise.all([submissionServer(publicServer), lmtpServer()]);
  const scripted = [strict, unreliable, silent, submission, lmtp];
  const inboxes = [inbox, tls, starttls, privateTls, privateStarttls];

  /** @type {Record<string, number>} */
  const servers = {};
  const middlemen = await startMiddlemen((host, port) => servers[`${host}:${port}`], publicServer);

  const ports = {
    plain: inbox.smtpPort,
    web: inbox.webPort ?? 0,
    tls: tls.smtpPort,
    starttls: starttls.smtpPort,
    "private-tls": privateTls.smtpPort,
    "private-starttls": privateStarttls.smtpPort,
    strict: strict.port,
    unreliable: unreliable.port,
    silent: silent.port,
    submission: submission.port,
    lmtp: lmtp.port,
    ...middlemen.ports,
  };
  for (const [name, server] of [...Object.entries(ROUTES), ...Object.entries(SOCKETS)]) servers[name] = ports[server];
  return {
    inbox,
    files,
    environment: {
      ...process.env,
      GUIDE_PLACES: JSON.stringify({ servers, socketPath, socketPattern: SOCKET_PATH.source }),
      NODE_EXTRA_CA_CERTS: join(folder, "trusted.pem"),
      NODE_OPTIONS: "",
    },
    arrivals: arrivalsOf(inboxes),
    close: async () => {
      await Promise.all([...inboxes, ...scripted, middlemen].map((server) => server.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * @param {readonly Inbox[]} inboxes
 * @returns {Stage["arrivals"]}
 */
function arrivalsOf(inboxes) {
  /** @type {WeakSet<InboxMessage>} */
  const seen = new WeakSet();
  return () =>
    inboxes.flatMap((inbox) =>
      inbox.messages
        .filter((message) => !seen.has(message))
        .map((message) => {
          seen.add(message);
          return { message, inbox };
        }),
    );
}

/** One authority that the blocks' Node trusts, one that it does not, and what they vouch for. */
async function identities() {
  const { issueCertificate, makeAuthority } = await certificatesModule();
  const [trusted, own] = await Promise.all([makeAuthority("Guide Authority"), makeAuthority("Private Authority")]);
  const [publicServer, privateServer, client] = await Promise.all([
    issueCertificate({ dns: PUBLIC_NAMES }, trusted),
    issueCertificate({ dns: PRIVATE_NAMES, ip: ["127.0.0.1"] }, own),
    issueCertificate({ commonName: "client", usage: "client" }, own),
  ]);
  const files = { "ca.pem": own.cert, "client-cert.pem": client.cert, "client-key.pem": client.key };
  return { publicCa: trusted.cert, files, publicServer, privateServer };
}
