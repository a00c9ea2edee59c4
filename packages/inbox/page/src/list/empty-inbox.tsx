/**
 * The inbox without a message: how to send a first one.
 */
import type { JSX } from "preact";
import type { ApiInbox } from "../api.js";

export function EmptyInbox({ inbox }: { readonly inbox: ApiInbox | undefined }): JSX.Element {
  if (inbox === undefined) return <div class="empty" />;
  const { host, smtpPort } = inbox;
  return (
    <section class="empty">
      <h2>Nothing here yet</h2>
      <p>Send a first message to this inbox:</p>
      <pre>
        <code>{firstMessage(inbox)}</code>
      </pre>
      <p class="dim">
        Any program that sends mail to {host}, port {smtpPort}, will do. It appears here by itself, and nothing leaves
        this machine.
      </p>
    </section>
  );
}

function firstMessage({ host, smtpPort, protocol, tls, auth }: ApiInbox): string {
  const options = [
    ...(host === "127.0.0.1" || host === "localhost" ? [] : [`hostname: "${host}"`]),
    `port: ${smtpPort}`,
    ...(protocol === "lmtp" ? ['protocol: "lmtp"'] : []),
    ...(tls === "implicit" ? ["useTls: true"] : tls === "starttls" ? ["startTls: true"] : []),
    ...(tls === "none" ? [] : ["tls: { ca }"]),
    ...(auth === "required" ? ["username, password"] : []),
  ];
  return `import { send } from "postrider";

await send(
  {
    from: "me@example.com",
    to: "you@example.com",
    subject: "Hello",
    text: "It works.",
  },
  { ${options.join(", ")} },
);`;
}
