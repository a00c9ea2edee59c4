// @ts-check
/**
 * TypeDoc: the reference of every package that can be imported, as Markdown, made from the sources.
 */

import { fileURLToPath } from "node:url";

/** @param {string} path From this folder. */
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Names of modules, by their entry. */
export const ENTRIES = {
  postrider: "packages/postrider/src/index.ts",
  "postrider/providers": "packages/postrider/src/providers.ts",
  "postrider/wire": "packages/postrider/src/wire.ts",
  "@postrider/inbox": "packages/inbox/src/index.ts",
  "@postrider/inbox/session": "packages/inbox/src/session.ts",
  "@postrider/inbox/command": "packages/inbox/src/command/index.ts",
  "@postrider/outbox": "packages/outbox/src/index.ts",
  "@postrider/nodemailer": "packages/nodemailer/src/index.ts",
};

/** @type {Partial<import("typedoc").TypeDocOptions> & Partial<import("typedoc-plugin-markdown").PluginOptions>} */
const options = {
  plugin: ["typedoc-plugin-markdown", at("typedoc-plugin-names.mjs")],
  tsconfig: at("tsconfig.reference.json"),
  entryPoints: Object.values(ENTRIES).map((path) => at(`../${path}`)),
  readme: "none",
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableSources: true,
  githubPages: false,
  hideGenerator: true,
  logLevel: "Warn",
  router: "member",
  entryFileName: "index",
  pageTitleTemplates: {
    index: "API reference",
    module: ({ name }) => name,
    member: ({ name }) => name,
  },
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandObjects: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  enumMembersFormat: "table",
  indexFormat: "table",
  tableColumnSettings: { hideSources: true, hideInherited: true, hideOverrides: true, hideModifiers: true },
};
// biome-ignore lint/style/noDefaultExport: TypeDoc reads it.
export default options;
