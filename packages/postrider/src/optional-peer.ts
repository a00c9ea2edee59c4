/**
 * Loads an optional peer dependency when it is needed.
 *
 * Layer: text.
 */

/**
 * The module of a package that need not be installed.
 *
 * The name is a parameter, and the comments are for webpack and Vite: a bundler that sees `import("socks")` looks for the
 * package when the program is built, and fails where it is not installed, also in programs that never use it. So a bundle loads
 * the package from node_modules at run time.
 *
 * @throws what `import()` throws when the package is not installed
 */
export function importPeer<Module>(name: "html-to-text" | "socks"): Promise<Module> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}
