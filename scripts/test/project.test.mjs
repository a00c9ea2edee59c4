// @ts-check
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { project, projectFields } from "../site/repository.mjs";
import { packages, ROOT, readJson } from "../workspace/root.mjs";

for (const { name, folder, path } of packages()) {
  test(`${name}: package.json says where the project lives, as that of the root does`, () => {
    const manifest = readJson(join(folder, "package.json"));
    const { author, homepage, repository, bugs } = manifest;
    assert.deepEqual({ homepage, repository, bugs, author }, projectFields(path));
    assert.ok(manifest.keywords.length >= 5);
  });

  test(`${name}: its README links to pages of the site that exist`, () => {
    const { homepage } = project();
    const links = [...readFileSync(join(folder, "README.md"), "utf8").matchAll(/\]\((https?:[^)]+)\)/g)]
      .map(([, link = ""]) => link)
      .filter((link) => link.startsWith(homepage));
    assert.ok(links.length > 0);
    for (const link of links) {
      const page = link
        .slice(homepage.length + 1)
        .replace(/\.html$/, ".md")
        .replace(/\/$/, "/index.md");
      assert.ok(page.startsWith("reference/") || existsSync(join(ROOT, "docs", page)), link);
    }
  });
}
