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
/** A protocol that draws its own random numbers cannot be replayed. */
const CHANCE = [/\bMath\.random\b/, /\bgetRandomValues\b/, /\brandomUUID\b/];
/** `process.getBuiltinModule` is an import, and judged as one. */
const PROCESS = [/\bprocess\.(?!getBuiltinModule\()\w/];

/** @type {readonly LayerRule[]} */
export const LAYERS = [
  { name: "text", rooms: ["text/"], imports: [], types: [], without: [...TIME, ...CHANCE, ...PROCESS] },
  {
    name: "errors",
    rooms: ["errors.ts", "errors/"],
    imports: ["text"],
    types: ["values"],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "values",
    rooms: ["reply.ts", "options.ts", "result.ts"],
    imports: ["errors"],
    types: ["message", "dkim"],
    nodeTypes: ["options.ts"],
  },
  {
    name: "tools",
    rooms: ["abort.ts", "given.ts", "json-object.ts", "optional-peer.ts", "producer.ts", "queue.ts"],
    imports: ["errors"],
    types: [],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "address",
    rooms: ["address/"],
    imports: ["errors", "text", "tools"],
    types: [],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "wire",
    rooms: ["wire/"],
    imports: ["errors", "text", "tools"],
    types: ["values"],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "protocol",
    rooms: ["protocol/"],
    imports: ["address", "wire", "errors", "text", "tools"],
    types: ["values"],
    without: [...TIME, ...CHANCE, ...PROCESS],
  },
  {
    name: "options",
    rooms: ["options/"],
    imports: ["address", "errors", "text", "tools", "values", "protocol", "dkim"],
    types: ["transport"],
    without: [...TIME, ...PROCESS],
    nodeTypes: ["options/"],
  },
  {
    name: "transport",
    rooms: ["transport/"],
    imports: ["address", "errors", "text", "tools"],
    types: ["values"],
    without: TIME,
  },
  {
    name: "message",
    rooms: ["message/"],
    imports: ["address", "errors", "text", "tools"],
    types: [],
    without: [/\bset(?:Timeout|Interval|Immediate)\b/, ...PROCESS],
  },
  {
    name: "dkim",
    rooms: ["dkim/"],
    imports: ["address", "errors", "text", "tools"],
    types: ["message"],
    without: PROCESS,
  },
  // Tokens know no SMTP; a token lives by the clock.
  {
    name: "oauth",
    rooms: ["oauth/"],
    imports: ["address", "options", "errors", "text", "tools", "values"],
    types: [],
    without: PROCESS,
  },
  {
    name: "submission",
    rooms: ["submission/"],
    imports: ["address", "message", "dkim", "options", "wire", "errors", "text", "tools", "values"],
    types: ["protocol"],
    without: [...TIME, ...PROCESS],
  },
  {
    name: "client",
    rooms: ["client/"],
    imports: ["address", "protocol", "transport", "wire", "submission", "options", "errors", "text", "tools", "values"],
    types: ["message", "dkim"],
    without: PROCESS,
  },
  {
    name: "pool",
    rooms: ["pool/"],
    imports: ["client", "submission", "options", "errors", "text", "tools", "values"],
    types: ["message"],
    without: PROCESS,
  },
  {
    name: "entry",
    rooms: ["send.ts", "index.ts"],
    imports: [
      "address",
      "errors",
      "values",
      "text",
      "tools",
      "wire",
      "protocol",
      "options",
      "transport",
      "message",
      "dkim",
      "oauth",
      "submission",
      "client",
      "pool",
    ],
    types: [],
    without: [...TIME, ...PROCESS],
  },
];

/** Node's modules that every layer may import: the fastest way to move bytes on every runtime. */
export const NODE_EVERYWHERE = ["node:buffer"];

/** Where the rest of Node is allowed. */
export const NODE_ROOMS = ["transport/", "message/file-attachment.ts", "message/temporary-file.ts"];

/** Optional peers, and the room that may load them: on use, or as a type, so that a program without them never notices. */
export const OPTIONAL_PEERS = [
  { name: "html-to-text", room: "message/fields/auto-text.ts" },
  { name: "socks", room: "transport/proxy/" },
];

/** Past this a file needs another room. */
export const MAX_LINES = 400;

/** Past this a file should be looked at for a seam. */
export const LONG_LINES = 250;
