// @ts-check
/**
 * The blocks of the guide that need a driver: each is run as it is printed, and its order and its mail must be there.
 *
 * Layer: interop.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { transform } from "esbuild";
import { moduleText } from "../../scripts/guide/blocks.mjs";
import { interopBlocks } from "../../scripts/guide/pages.mjs";
import { outboxModule } from "../../scripts/workspace/built.mjs";
import { ROOT } from "../../scripts/workspace/root.mjs";
import { run } from "../../scripts/workspace/run.mjs";
import { needModules } from "../lab/npm.mjs";
import { Skip } from "../lab/report.mjs";

const PAGE_URL = "postgres://app@db.example.org/shop";

/** By heading: what is installed for it beyond pg. Another name of the folder for another choice. */
const EXTRA = /** @type {Readonly<Record<string, readonly [string, readonly string[]]>>} */ ({
  Prisma: ["outbox-prisma-1", ["@prisma/client@7.10.0", "prisma@7.10.0", "@prisma/adapter-pg@7.10.0", "pg@8.23.1"]],
  "node:sqlite": ["outbox-sqlite-1", sqlitePackages()],
  "better-sqlite3": ["outbox-sqlite-1", sqlitePackages()],
});
const USUAL = /** @type {const} */ ([
  "outbox-guide-1",
  ["pg@8.23.1", "postgres@3.4.9", "drizzle-orm@0.45.4", "kysely@0.28.19", "knex@3.3.0"],
]);

/** SQLite's drivers want Node 22, which npm has too. */
function sqlitePackages() {
  return ["better-sqlite3@13.2.0", `node-linux-${process.arch}@22.23.3`];
}

/**
 * @param {string} url
 * @param {import("./suites.mjs").Check} check
 */
export async function runGuideBlocks(url, check) {
  for (const block of interopBlocks()) {
    await check(`guide: ${block.heading}`, () =>
      /sqlite/.test(block.heading) ? inSqlite(block) : inPostgres(block, url),
    );
  }
}

/**
 * Where the drivers are, and the packages of the workspace beside them.
 * @param {string} heading
 */
function folderOf(heading) {
  const [name, packages] = EXTRA[heading] ?? USUAL;
  const folder = needModules(name, packages);
  mkdirSync(join(folder, "node_modules", "@postrider"), { recursive: true });
  for (const own of ["postrider", "outbox"]) {
    const link = join(folder, "node_modules", own === "postrider" ? own : join("@postrider", own));
    if (!existsSync(link)) symlinkSync(join(ROOT, "packages", own), link);
  }
  return folder;
}

/**
 * @param {import("../../scripts/guide/blocks.mjs").Block} block
 * @param {string} folder
 * @param {(code: string) => string} adapt
 * @param {string} [node]
 */
async function runBlock(block, folder, adapt, node = process.execPath) {
  const compiled = await transform(moduleText(block), { loader: "ts", format: "esm", target: "node20" });
  const file = join(folder, "block.mjs");
  writeFileSync(file, adapt(compiled.code));
  const { code, output } = await run(node, [file], { cwd: folder, timeout: 60_000 });
  if (code !== 0) throw new Error(output.slice(-2000));
}

/**
 * @param {import("../../scripts/guide/blocks.mjs").Block} block
 * @param {string} url
 */
async function inPostgres(block, url) {
  const folder = folderOf(block.heading);
  const pg = createRequire(join(folder, "package.json"))("pg");
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  try {
    await pool.query(`DROP SCHEMA IF EXISTS postrider CASCADE; DROP TABLE IF EXISTS orders;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL)`);
    if (block.heading === "Prisma") generatePrisma(folder);
    await runBlock(block, folder, (code) =>
      code.replaceAll(PAGE_URL, url).replace("./generated/prisma/client.js", "./generated/prisma/index.js"),
    );
    const { rows } = await pool.query("SELECT id FROM orders");
    return await owed(pool, rows);
  } finally {
    await pool.end();
  }
}

/** @param {import("../../scripts/guide/blocks.mjs").Block} block */
async function inSqlite(block) {
  const folder = folderOf(block.heading);
  const node = join(folder, "node_modules", `node-linux-${process.arch}`, "bin", "node");
  for (const end of ["", "-wal", "-shm"]) rmSync(join(folder, `shop.db${end}`), { force: true });
  const table = `const made = new (process.getBuiltinModule("node:sqlite").DatabaseSync)("shop.db");
made.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, email text NOT NULL)"); made.close();`;
  writeFileSync(join(folder, "table.mjs"), table);
  const made = await run(node, [join(folder, "table.mjs")], { cwd: folder });
  if (made.code !== 0) throw new Error(made.output);
  await runBlock(block, folder, (code) => code, node);
  return owed(`file:${join(folder, "shop.db")}`, [{ id: 1 }]);
}

/**
 * @param {any} database
 * @param {readonly { id: unknown }[]} orders
 */
async function owed(database, orders) {
  const { openOutbox } = await outboxModule();
  const outbox = await openOutbox({ database });
  try {
    const [order] = orders;
    if (orders.length !== 1) throw new Error(`${orders.length} orders`);
    for await (const { key, state } of outbox.find()) {
      if (key !== `order:${order?.id}` || state !== "waiting") throw new Error(`the mail is ${key}, ${state}`);
      return "an order and its mail";
    }
    throw new Error("there is no mail");
  } finally {
    await outbox.close();
  }
}

/** @param {string} folder */
function generatePrisma(folder) {
  if (existsSync(join(folder, "generated"))) return;
  writeFileSync(
    join(folder, "schema.prisma"),
    `generator client {
  provider = "prisma-client-js"
  output   = "./generated/prisma"
}
datasource db {
  provider = "postgresql"
}
model Order {
  id    BigInt @id @default(autoincrement())
  email String
  @@map("orders")
}
`,
  );
  writeFileSync(join(folder, "prisma.config.mjs"), 'export default { schema: "./schema.prisma" };\n');
  try {
    // QUIRK: Prisma asks its server for an engine that generating does not use, unless one is named.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CI: "1" };
    const prisma = join(folder, "node_modules", "prisma", "build", "index.js");
    const parameters = [prisma, "generate", "--config", "./prisma.config.mjs"];
    execFileSync(process.execPath, parameters, {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 120_000,
    });
  } catch (error) {
    rmSync(join(folder, "generated"), { recursive: true, force: true });
    throw new Skip(`Prisma's client cannot be generated here: ${error instanceof Error ? error.message : error}`);
  }
}
