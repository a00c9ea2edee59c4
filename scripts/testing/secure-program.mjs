/**
 * A program that logs in after STARTTLS, to the port in its first parameter, under the authority in its second one.
 *
 * Layer: scripts. Copied into an empty project.
 */

import { send } from "postrider";

const [, , port, ca] = process.argv;
await send(
  { from: "ann@example.org", to: "bob@example.com", subject: "In TLS", text: "Hello" },
  {
    hostname: "localhost",
    port: Number(port),
    startTls: true,
    tls: { ca },
    username: "ann",
    password: "secret",
  },
);
