// @ts-nocheck: Haraka gives its constants as globals and itself as "this".
/**
 * A plugin of Haraka: it knows our mailboxes, and delivers into a Maildir for each.
 *
 * Layer: interop. Haraka loads plugins as CommonJS, with its constants as globals.
 */

const { createWriteStream, mkdirSync, renameSync } = require("node:fs");
const { basename, join } = require("node:path");

/* global DENY, OK */

exports.register = function () {
  const { main } = this.config.get("maildir.ini");
  this.folder = main.folder;
  this.mailboxes = main.mailboxes.split(",");
  this.domain = main.domain;
};

// Nobody is asked for the name of 127.0.0.1.
exports.hook_lookup_rdns = (next) => next(OK, "localhost");

exports.hook_mail = (next) => next(OK);

exports.hook_rcpt = function (next, _connection, [recipient]) {
  if (recipient.host !== this.domain) return next(DENY, "relay not permitted");
  if (!this.mailboxes.includes(recipient.user)) return next(DENY, "no such mailbox");
  return next(OK);
};

exports.hook_queue = function (next, { transaction }) {
  const users = transaction.rcpt_to.map(({ user }) => user);
  const deliver = (index) => {
    const user = users[index];
    if (user === undefined) return next(OK);
    const folder = join(this.folder, user);
    for (const name of ["tmp", "new"]) mkdirSync(join(folder, name), { recursive: true });
    const file = join(folder, "tmp", `${transaction.uuid}.${index}`);
    const output = createWriteStream(file);
    output.once("close", () => {
      // Whoever reads "new" must find whole messages there.
      renameSync(file, join(folder, "new", basename(file)));
      deliver(index + 1);
    });
    transaction.message_stream.pipe(output, { line_endings: "\n" });
  };
  deliver(0);
};
