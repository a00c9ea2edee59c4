// @ts-check
/**
 * Where the project lives: the fields of the root's package.json, which every package repeats.
 *
 * Layer: scripts.
 */

import { join } from "node:path";
import { ROOT, readJson } from "../workspace/root.mjs";

/**
 * @typedef {object} Project
 * @property {string} homepage Of the site, without a slash at the end.
 * @property {string} repository The page of the repository, without a slash at the end.
 * @property {string} issues
 * @property {string} author
 */

/** @returns {Project} */
export function project() {
  const { homepage, repository, bugs, author } = readJson(join(ROOT, "package.json"));
  return { homepage, repository: repository.url.replace(/^git\+|\.git$/g, ""), issues: bugs.url, author };
}

/**
 * The fields of a package's package.json that say where it lives.
 * @param {string} path Of the package, from the root.
 */
export function projectFields(path) {
  const { homepage, repository, bugs, author } = readJson(join(ROOT, "package.json"));
  return { homepage, repository: { ...repository, directory: path }, bugs, author };
}
