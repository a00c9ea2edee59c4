/**
 * Loads an optional peer dependency on use.
 *
 * Layer: given.
 */

/**
 * Imports a package that need not be installed.
 *
 * The name is a parameter, and the comments address webpack and Vite: a bundler resolves `import("socks")` at build time, and fails
 * where the package is not installed, also in programs that never use it. This way a bundle resolves it from node_modules at run time.
 *
 * @throws what `import()` throws when the package is not installed
 */
export function importPeer<Module>(name: "html-to-text" | "socks"): Promise<Module> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}
