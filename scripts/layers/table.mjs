// @ts-check
/**
 * The layers of packages/postrider/src, as data. An arrow that is not in this table is an error.
 *
 * Layer: scripts.
 */

/**
 * @typedef {object} LayerRule
 * @property {string} name
 * @property {readonly string[]} rooms Files and folders (with a slash at the end) of the layer, from src/.
 * @property {readonly string[]} imports Layers that it may import.
 * @property {readonly string[]} types Layers of which it may import types only.
 * @property {readonly RegExp[]} [without] Globals that it must be handed and may not take.
 * @property {readonly string[]} [nodeTypes] Files that may name types of Node's modules.
 */

/** Time and timers belong to the client. */
const TIME = [/\bset(?:Timeout|Interval|Immediate)\b/, /\bDate\.now\b/, /\bnew Date\(\s*\)/, /\bperformance\.now\b/];
/** A session that draws its own random numbers cannot be replayed. */
const CHANCE = [/\bMath\.random\b/, /\bgetRandomValues\b/, /\brandomUUID\b/];
/** `process.getBuiltinModule` is an import, and judged as one. */
const PROCESS = [/\bprocess\.(?!getBuiltinModule\()\w/];

/** @type {readonly LayerRule[]} */
export const LAYERS = [
  { name: "text", rooms: ["text/"], imports: [], types: [], without: [...TIME, ...CHANCE, ...PROCESS] },
  {
    name: "errors",
    rooms: ["errors/"],
    imports: ["text"],
    types: ["values"],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "values",
    rooms: ["reply.ts", "result.ts"],
    imports: ["errors"],
    types: [],
  },
  {
    name: "given",
    rooms: ["given/", "queue.ts", "optional-peer.ts"],
    imports: ["errors", "text"],
    types: [],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  { name: "crypto", rooms: ["crypto.ts"], imports: [], types: [], without: [...TIME] },
  {
    name: "address",
    rooms: ["address/"],
    imports: ["errors", "text", "given"],
    types: [],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "wire",
    rooms: ["wire/", "wire.ts"],
    imports: ["errors", "text", "address"],
    types: ["values"],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "session",
    rooms: ["session/"],
    imports: ["wire", "address", "errors", "text", "given"],
    types: ["values"],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "sasl",
    rooms: ["sasl/"],
    imports: ["errors", "text", "given"],
    types: ["values"],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "options",
    rooms: ["options/"],
    imports: ["address", "errors", "text", "given", "values", "sasl", "dkim"],
    types: [],
    without: [...TIME, ...PROCESS],
    nodeTypes: ["options/"],
  },
  {
    name: "transport",
    rooms: ["transport/"],
    imports: ["address", "errors", "text", "given"],
    types: ["options"],
    without: TIME,
  },
  {
    name: "message",
    rooms: ["message/"],
    imports: ["address", "errors", "text", "given"],
    types: [],
    without: [/\bset(?:Timeout|Interval|Immediate)\b/, ...PROCESS],
  },
  {
    name: "dkim",
    rooms: ["dkim/"],
    imports: ["crypto", "address", "errors", "text", "given"],
    types: ["message"],
    without: PROCESS,
  },
  // Tokens know no SMTP; a token lives by the clock.
  {
    name: "oauth",
    rooms: ["oauth/"],
    imports: ["options", "address", "errors", "text", "given"],
    types: ["values"],
    without: PROCESS,
  },
  {
    name: "submission",
    rooms: ["submission/"],
    imports: ["message", "dkim", "options", "wire", "address", "errors", "text", "given", "values"],
    types: ["session"],
    without: [...TIME, ...PROCESS],
  },
  {
    name: "watch",
    rooms: ["watch.ts"],
    imports: ["errors", "values"],
    types: ["options", "session", "submission"],
    without: [...TIME],
  },
  {
    name: "connection",
    rooms: ["connection/"],
    imports: [
      "session",
      "sasl",
      "transport",
      "wire",
      "address",
      "submission",
      "options",
      "watch",
      "errors",
      "text",
      "given",
      "values",
    ],
    types: ["message", "dkim"],
    without: PROCESS,
  },
  {
    name: "pool",
    rooms: ["pool/"],
    imports: ["connection", "submission", "options", "errors", "given", "values"],
    types: ["message"],
    without: PROCESS,
  },
  {
    name: "providers",
    rooms: ["providers.ts"],
    imports: ["errors", "text", "given"],
    types: [],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "entry",
    rooms: ["send.ts", "client.ts", "index.ts"],
    imports: [
      "errors",
      "values",
      "text",
      "given",
      "address",
      "wire",
      "session",
      "sasl",
      "options",
      "transport",
      "message",
      "dkim",
      "oauth",
      "submission",
      "watch",
      "connection",
      "pool",
    ],
    types: [],
    without: [...TIME, ...PROCESS],
  },
];

/** Node's modules that every layer may import: the fastest way to move bytes on every runtime. */
export const NODE_EVERYWHERE = ["node:buffer"];

/** Where the rest of Node is allowed. */
export const NODE_ROOMS = [
  "transport/",
  "crypto.ts",
  "watch.ts",
  "message/files/file-attachment.ts",
  "message/files/temporary-file.ts",
];

/** Optional peers, and the room that may load them: on use, or as a type, so that a program without them never notices. */
export const OPTIONAL_PEERS = [
  { name: "html-to-text", room: "message/fields/apply-content.ts" },
  { name: "socks", room: "transport/node/socks.ts" },
];

/** Packages that use the library as everybody does: by its name, never by its files. */
export const PUBLIC_API_ONLY = ["nodemailer", "outbox"];

/** Past this a file needs another room. */
export const MAX_LINES = 400;

/** Past this a file should be looked at for a seam. */
export const LONG_LINES = 250;
