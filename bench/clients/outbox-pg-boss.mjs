// @ts-check
/**
 * Mail by pg-boss, as a program does it that must lose none: the tables of the mail by hand, and the job, in one transaction.
 *
 * Layer: bench.
 */

import { randomUUID } from "node:crypto";

/** @typedef {{ from: string, to: string }} Fields */

export class PgBossMails {
  /** @type {any} */ #boss;
  /** @type {any} */ #pool;
  #schema;
  #compose;

  /**
   * @param {any} boss
   * @param {any} pool
   * @param {{ schema: string, compose: (fields: Fields) => Promise<Buffer> }} options
   */
  constructor(boss, pool, { schema, compose }) {
    this.#boss = boss;
    this.#pool = pool;
    this.#schema = schema;
    this.#compose = compose;
  }

  /**
   * @param {any} PgBoss
   * @param {any} pool Of pg.
   * @param {{ database: string, schema: string, compose: (fields: Fields) => Promise<Buffer> }} options The schema is there.
   */
  static async open(PgBoss, pool, { database, schema, compose }) {
    const boss = new PgBoss({
      connectionString: database,
      schema: `${schema}_boss`,
      supervise: false,
      schedule: false,
    });
    boss.on("error", () => undefined);
    await boss.start();
    await boss.createQueue("mail");
    await pool.query(`CREATE TABLE "${schema}".mail (id uuid PRIMARY KEY, sender text NOT NULL, message_id text, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE "${schema}".mail_recipient (mail uuid NOT NULL, n integer NOT NULL, address text NOT NULL, state text NOT NULL DEFAULT 'waiting', reply text, PRIMARY KEY (mail, n));
CREATE TABLE "${schema}".mail_content (mail uuid PRIMARY KEY, bytes bytea NOT NULL)`);
    return new PgBossMails(boss, pool, { schema, compose });
  }

  /**
   * In the transaction of the client.
   * @param {any} client
   * @param {Fields} fields
   */
  async enqueue(client, fields) {
    const id = randomUUID();
    const bytes = await this.#compose(fields);
    const table = `"${this.#schema}".mail`;
    await client.query(`INSERT INTO ${table} (id, sender, message_id) VALUES ($1, $2, $3)`, [id, fields.from, id]);
    await client.query(`INSERT INTO ${table}_recipient (mail, n, address) VALUES ($1, 0, $2)`, [id, fields.to]);
    await client.query(`INSERT INTO ${table}_content (mail, bytes) VALUES ($1, $2)`, [id, bytes]);
    await this.#boss.send("mail", { id }, { db: within(client) });
  }

  /**
   * Many in the transaction of the client, one statement for each table.
   * @param {any} client
   * @param {readonly Fields[]} all
   */
  async enqueueAll(client, all) {
    const ids = all.map(() => randomUUID());
    const bytes = await Promise.all(all.map(this.#compose));
    const table = `"${this.#schema}".mail`;
    await client.query(
      `INSERT INTO ${table} (id, sender, message_id) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])`,
      [ids, all.map(({ from }) => from), ids],
    );
    await client.query(
      `INSERT INTO ${table}_recipient (mail, n, address) SELECT id, 0, address FROM unnest($1::uuid[], $2::text[]) AS x(id, address)`,
      [ids, all.map(({ to }) => to)],
    );
    await client.query(`INSERT INTO ${table}_content (mail, bytes) SELECT * FROM unnest($1::uuid[], $2::bytea[])`, [
      ids,
      bytes,
    ]);
    await this.#boss.insert(
      "mail",
      ids.map((id) => ({ data: { id } })),
      { db: within(client) },
    );
  }

  /**
   * Takes jobs and reads what sending needs.
   * @param {number} batchSize
   * @returns {Promise<readonly { job: string, mail: string }[]>}
   */
  async claim(batchSize) {
    const jobs = (await this.#boss.fetch("mail", { batchSize })) ?? [];
    const claimed = jobs.map((/** @type {any} */ { id, data }) => ({ job: id, mail: data.id }));
    const table = `"${this.#schema}".mail`;
    await this.#pool.query(
      `SELECT m.id, m.sender, r.n, r.address, c.bytes FROM ${table} m JOIN ${table}_recipient r ON r.mail = m.id JOIN ${table}_content c ON c.mail = m.id WHERE m.id = ANY($1) AND r.state = 'waiting'`,
      [claimed.map((/** @type {{ mail: string }} */ { mail }) => mail)],
    );
    return claimed;
  }

  /**
   * In the transaction of the client.
   * @param {any} client
   * @param {readonly { job: string, mail: string }[]} claimed
   */
  async settle(client, claimed) {
    await client.query(
      `UPDATE "${this.#schema}".mail_recipient SET state = 'accepted', reply = '250 ok' WHERE mail = ANY($1)`,
      [claimed.map(({ mail }) => mail)],
    );
    await this.#boss.complete(
      "mail",
      claimed.map(({ job }) => job),
      undefined,
      { db: within(client) },
    );
  }
}

/** @param {any} client */
const within = (client) => ({
  executeSql: (/** @type {string} */ text, /** @type {any[]} */ values) => client.query(text, values),
});
