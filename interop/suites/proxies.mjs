// @ts-check
/**
 * Proxies: tinyproxy (CONNECT) and microsocks (SOCKS 5).
 *
 * Layer: interop.
 */

import { lettersOverPool } from "../cases/letters.mjs";
import { goThrough, keepPassword, refusedByProxy } from "../cases/passages.mjs";
import { PASSWORD, USERNAME } from "../servers/people.mjs";
import { LOGIN, startMicrosocks, startTinyproxy } from "../servers/proxies.mjs";

/** @typedef {Awaited<ReturnType<typeof startTinyproxy>>} Proxied */

/** @type {import("./suites.mjs").Suite} */
export const tinyproxy = {
  name: "tinyproxy",
  start: startTinyproxy,
  run: async (/** @type {Proxied} */ server, check) => {
    await passages(server, "http", check);
    const { plain, address, closed } = server;
    await check("wrong proxy password", () =>
      refusedByProxy({ ...plain, proxy: `http://joe:wrong-word@${address}` }, /http:\/\/127.*answered 40[17]/, "never"),
    );
    await check("port that the proxy does not allow", () =>
      refusedByProxy({ ...plain, port: 7, proxy: `http://${LOGIN}@${address}` }, /answered 403/, "never"),
    );
    await check("nobody behind the proxy", () =>
      refusedByProxy({ ...plain, port: closed, proxy: `http://${LOGIN}@${address}` }, /answered 50\d/, "reconnect"),
    );
  },
};

/** @type {import("./suites.mjs").Suite} */
export const microsocks = {
  name: "microsocks",
  start: startMicrosocks,
  run: async (/** @type {Proxied} */ server, check) => {
    await passages(server, "socks5", check);
    const { plain, address, closed } = server;
    await check("wrong proxy password", () =>
      refusedByProxy({ ...plain, proxy: `socks5://joe:wrong-word@${address}` }, /refused the user name/, "never"),
    );
    await check("no proxy password", () =>
      refusedByProxy({ ...plain, proxy: `socks5://${address}` }, /user:password/, "never"),
    );
    await check("nobody behind the proxy", () =>
      refusedByProxy(
        { ...plain, port: closed, proxy: `socks5://${LOGIN}@${address}` },
        /\(ConnectionRefused\)/,
        "reconnect",
      ),
    );
  },
};

/**
 * @param {Proxied} server
 * @param {string} scheme
 * @param {import("./suites.mjs").Check} check
 */
async function passages(server, scheme, check) {
  const proxy = `${scheme}://${LOGIN}@${server.address}`;
  const user = { username: USERNAME, password: PASSWORD };
  await check("in clear text, through the proxy", () => goThrough(server, { ...server.plain, proxy }));
  await check("STARTTLS and login, through the proxy", () =>
    goThrough(server, { ...server.submission, startTls: true, ...user, proxy }),
  );
  await check("TLS from the first byte, through the proxy", () =>
    goThrough(server, { ...server.smtps, ...user, proxy }),
  );
  await check("no password in clear text", () => keepPassword({ ...server.plain, proxy }));
  await check("200 messages, SmtpPool, through the proxy", () =>
    lettersOverPool(server, { ...server.smtps, ...user, proxy }),
  );
}
