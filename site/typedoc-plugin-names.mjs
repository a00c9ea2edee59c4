// @ts-check
/**
 * Modules under the names by which they are imported.
 */

import { Converter } from "typedoc";
import { ENTRIES } from "./entries.mjs";

/** @param {import("typedoc").Application} application */
export function load(application) {
  const names = new Map(
    Object.entries(ENTRIES).map(([name, path]) => [path.replace(/^packages\/|(?:\/index)?\.ts$/g, ""), name]),
  );
  application.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) module.name = names.get(module.name) ?? module.name;
  });
}
