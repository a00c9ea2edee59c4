/**
 * What other libraries call an option, where no spelling leads from there to here.
 *
 * Layer: options.
 */

/** Their name, and what to write instead. */
export const FOREIGN_NAMES: Readonly<Record<string, string>> = {
  host: "hostname",
  secure: "useTls",
  requireTLS: "startTls",
  ignoreTLS: "startTls: false",
  auth: "username and password, or accessToken",
  user: "username",
  pass: "password",
  name: "localHostname",
  source_address: "localAddress",
  socket_path: "socketPath",
  sock: "socket",
  path: "socketPath",
  lmtp: 'protocol: "lmtp"',
  connectionTimeout: "timeout",
  greetingTimeout: "timeout",
  socketTimeout: "timeout",
  dnsTimeout: "timeout",
  authMethod: "authMethods",
  logger: "trace",
  debug: "trace",
  tls_context: "tls",
  validate_certs: "tls.rejectUnauthorized",
  client_cert: "tls.cert",
  client_key: "tls.key",
  cert_bundle: "tls.ca",
  from: "sender",
  to: "recipients",
  mail_options: "mailOptions",
  rcpt_options: "rcptOptions",
};
