// @ts-check
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { installState } from "../workspace/install-state.mjs";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "install-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/**
 * @param {string} name
 * @param {unknown} value
 */
function put(name, value) {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), JSON.stringify(value));
}

const DEPENDENCIES = { "left-pad": "^1.0.0" };
const LOCKED = {
  "": { devDependencies: DEPENDENCIES },
  "packages/one": {},
  "node_modules/left-pad": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/for-another-system": { version: "1.0.0", optional: true },
  "node_modules/one": { resolved: "packages/one", link: true },
};

/** A workspace in which all is as it should be. */
function workspace() {
  const { "": _root, "node_modules/for-another-system": _other, ...installed } = LOCKED;
  put("package.json", { devDependencies: DEPENDENCIES });
  put("packages/one/package.json", { name: "one" });
  put("package-lock.json", { packages: LOCKED });
  put("node_modules/.package-lock.json", { packages: installed });
  put("node_modules/left-pad/package.json", {});
  symlinkSync(join(root, "packages", "one"), join(root, "node_modules", "one"));
}

test("an install that matches the lock file is present, also without packages for other systems", () => {
  workspace();
  assert.equal(installState(root).state, "present");
});

test("a fresh clone is missing, and npm ci is the cure", () => {
  workspace();
  rmSync(join(root, "node_modules"), { recursive: true });
  assert.deepEqual(installState(root), { state: "missing", reason: "nothing is installed", command: "ci" });
});

test("a lock file that moved on makes the install stale", () => {
  workspace();
  put("package-lock.json", {
    packages: { ...LOCKED, "node_modules/left-pad": { version: "1.0.1", integrity: "sha512-b" } },
  });
  assert.deepEqual(installState(root), {
    state: "stale",
    reason: "node_modules/left-pad has another version",
    command: "ci",
  });
});

test("a package that was removed by hand, or is no longer wanted, makes the install stale", () => {
  workspace();
  rmSync(join(root, "node_modules", "left-pad"), { recursive: true });
  assert.equal(installState(root).reason, "node_modules/left-pad is gone");
  const { "node_modules/left-pad": _gone, ...rest } = LOCKED;
  put("package-lock.json", { packages: rest });
  assert.equal(installState(root).reason, "node_modules/left-pad is no longer wanted");
});

test("a workspace link that leads elsewhere makes the install stale", () => {
  workspace();
  rmSync(join(root, "node_modules", "one"));
  assert.equal(installState(root).reason, "node_modules/one does not lead to packages/one");
});

test("a package.json ahead of the lock file needs npm install", () => {
  workspace();
  put("packages/one/package.json", { name: "one", dependencies: { "right-pad": "^1.0.0" } });
  assert.deepEqual(installState(root), {
    state: "stale",
    reason: "packages/one/package.json is ahead of the lock file",
    command: "install",
  });
  put("packages/one/package.json", { name: "one" });
  put("packages/two/package.json", { name: "two" });
  assert.equal(installState(root).command, "install");
});

test("without a lock file npm install has to make one", () => {
  workspace();
  rmSync(join(root, "package-lock.json"));
  assert.equal(installState(root).command, "install");
});
