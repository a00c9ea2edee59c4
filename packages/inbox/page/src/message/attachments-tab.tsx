/**
 * The attachments of a message, to save.
 */
import type { JSX } from "preact";
import type { ApiMessage } from "../api.js";
import { formatSize } from "../format.js";

export function AttachmentsTab({ attachments }: Pick<ApiMessage, "attachments">): JSX.Element {
  return (
    <ul class="attachments">
      {attachments.map(({ filename, contentType, contentId, disposition, size, url }) => (
        <li key={url}>
          <a href={url} download>
            <bdi>{filename ?? "(no name)"}</bdi>
          </a>
          <span class="dim">
            {contentType}, {formatSize(size)}
            {disposition === undefined ? "" : `, ${disposition}`}
            {contentId === undefined ? "" : `, cid:${contentId}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
