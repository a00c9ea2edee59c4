// @ts-check
/**
 * Who stands between a block of the guide and its server: proxies, and the providers of access tokens. They are those of the
 * library's tests.
 *
 * Layer: scripts. Needs the tests of the library built.
 */

import { proxyModules, tokenServerModule } from "../workspace/built.mjs";

/**
 * @typedef {object} Middlemen
 * @property {{ "http-proxy": number, "locked-proxy": number, "socks-proxy": number, tokens: number }} ports
 * @property {() => Promise<void>} close
 */

/**
 * @param {(host: string, port: number) => number | undefined} portOf Who is behind a name, as ROUTES has it.
 * @param {{ key: string, cert: string }} identity Of the provider of tokens.
 * @returns {Promise<Middlemen>}
 */
export async function startMiddlemen(portOf, identity) {
  const [{ HttpProxy, SocksProxy }, { TokenServer }] = await Promise.all([proxyModules(), tokenServerModule()]);
  /** @param {{ host: string, port: number }} place */
  const route = ({ host, port }) => {
    const there = portOf(host, port);
    return there === undefined ? undefined : { host: "127.0.0.1", port: there };
  };
  const locked = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";
  const token = { access_token: "ya29.a-token-of-the-guide", token_type: "Bearer", expires_in: 3599 };
  const all = await Promise.all([
    HttpProxy.start({ route }),
    HttpProxy.start({ answer: () => locked }),
    SocksProxy.start({ route }),
    TokenServer.startTls(identity, token),
  ]);
  const [http, closed, socks, tokens] = all;
  return {
    ports: { "http-proxy": http.port, "locked-proxy": closed.port, "socks-proxy": socks.port, tokens: tokens.port },
    close: async () => {
      await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
