// @ts-check
/**
 * Rspamd with its rules that look at the message alone: no DNS, no lists of others, no Redis.
 *
 * Layer: interop.
 */

import { join } from "node:path";
import { needRoot, unpackPackage } from "../lab/debian.mjs";
import { MAIL_USER, makeFolder } from "../lab/folder.mjs";
import { freePorts, startProgram } from "../lab/programs.mjs";

export async function startRspamd() {
  needRoot();
  const unpacked = unpackPackage("rspamd");
  const folder = makeFolder("rspamd");
  try {
    const [port = 0] = await freePorts(1);
    const data = folder.folder("data", MAIL_USER);
    const at = (/** @type {string} */ path) => join(unpacked.folder, path);
    const places = {
      CONFDIR: at("etc/rspamd"),
      LOCAL_CONFDIR: folder.path,
      DBDIR: data,
      RUNDIR: data,
      LOGDIR: data,
      SHAREDIR: at("usr/share/rspamd"),
      RULESDIR: at("usr/share/rspamd/rules"),
      LUALIBDIR: at("usr/share/rspamd/lualib"),
      PLUGINSDIR: at("usr/share/rspamd/plugins"),
    };
    const variables = Object.entries(places).map(([name, path]) => `--var=${name}=${path}`);
    // The whole list is compiled at each start, for some ten seconds.
    folder.write("tld", "com\norg\n");
    const configuration = folder.write("rspamd.conf", configurationOf(data, port));
    const user = ["--user", "nobody", "--group", "nogroup"];
    const program = await startProgram(
      at("usr/bin/rspamd"),
      ["--no-fork", ...user, ...variables, "--config", configuration],
      {
        listens: [port],
        env: { ...process.env, LD_LIBRARY_PATH: at("usr/lib/rspamd") },
      },
    );
    return {
      version: unpacked.version,
      address: `http://127.0.0.1:${port}`,
      stop: async () => {
        await program.stop();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

/**
 * @param {string} data
 * @param {number} port
 */
function configurationOf(data, port) {
  return `lua = "$RULESDIR/rspamd.lua"
.include "$CONFDIR/actions.conf"
.include "$CONFDIR/groups.conf"
.include "$CONFDIR/composites.conf"
options {
  filters = "chartable,regexp";
  dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }
  url_tld = "$LOCAL_CONFDIR/tld";
  tempdir = "${data}";
  hs_cache_dir = "${data}";
  cache_file = "${data}/symbols.cache";
  control_socket = "${data}/control.sock mode=0600";
  pidfile = "${data}/pid";
}
logging { type = "console"; level = "error"; }
worker "normal" { bind_socket = "127.0.0.1:${port}"; count = 1; mime = true; }
`;
}
