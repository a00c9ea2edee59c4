/**
 * What most messages are opened for in development: the link to confirm with, or the code to type in.
 */
import type { JSX } from "preact";
import type { ApiMessage } from "../api.js";
import { CopyButton } from "../copy-button.js";
import { Icon } from "../icons.js";

export function MessagePurpose({ message }: { readonly message: ApiMessage }): JSX.Element | null {
  const { code } = message;
  const link = message.links.find(({ kind }) => kind === "action");
  if (link === undefined && code === undefined) return null;
  return (
    <div class="purpose">
      {link !== undefined && (
        <span class="purpose-item">
          <Icon name="link" />
          <a href={link.url} target="_blank" rel="noreferrer noopener" title={link.url}>
            <bdi>{link.label === "" ? link.url : link.label}</bdi>
          </a>
          <bdi class="dim purpose-url">{link.label === "" ? "" : link.url}</bdi>
          <CopyButton text={link.url} what="the link" />
        </span>
      )}
      {code !== undefined && (
        <span class="purpose-item">
          <Icon name="key" />
          <code>{code}</code>
          <CopyButton text={code} what="the code of the message" />
        </span>
      )}
    </div>
  );
}
