// @ts-check
/**
 * TypeDoc: the reference of every package that can be imported, as Markdown, made from the sources.
 */

import { fileURLToPath } from "node:url";
import { ENTRIES } from "./entries.mjs";

/** @param {string} path From this folder. */
const at = (path) => fileURLToPath(new URL(path, import.meta.url));

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
