/**
 * The attachments of a message: pictures as thumbnails, invitations drawn, messages to open, all to save.
 */
import type { JSX } from "preact";
import type { ApiAttachment, ApiMessage } from "../api.js";
import { formatSize } from "../format.js";
import { Icon, type IconName } from "../icons.js";
import { CalendarCard } from "./calendar-card.js";

/** The server shows these in the browser; all else is saved. */
const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|bmp|avif|svg\+xml|x-icon)|application\/(?:pdf|json|xml)|audio\/|video\/|text\/)/;
const PICTURE = /^image\/(?:png|jpeg|gif|webp|bmp|avif|svg\+xml|x-icon)$/;
/** A larger picture is shown when it is opened. */
const MAX_THUMBNAIL_BYTES = 8_000_000;

interface AttachmentsTabProps {
  readonly message: ApiMessage;
  readonly onOpen: (id: string) => void;
}

export function AttachmentsTab({ message, onOpen }: AttachmentsTabProps): JSX.Element {
  return (
    <ul class="attachments">
      {message.attachments.map((attachment, index) => (
        <li key={attachment.url}>
          <Thumbnail attachment={attachment} />
          <div class="attachment-facts">
            <strong>
              <bdi>{nameOf(attachment)}</bdi>
            </strong>
            <span class="dim small">{factsOf(attachment)}</span>
            <span class="actions">
              {attachment.contentType === "message/rfc822" ? (
                <button type="button" class="button" onClick={() => onOpen(`${message.id}.${index}`)}>
                  Open
                </button>
              ) : (
                SHOWN.test(attachment.contentType) && (
                  <a class="button" href={`${attachment.url}/view`} target="_blank" rel="noopener">
                    View
                  </a>
                )
              )}
              <a class="button" href={attachment.url} download aria-label={`Save ${nameOf(attachment)}`}>
                Save
              </a>
            </span>
          </div>
          {attachment.contentType === "text/calendar" && <CalendarCard url={attachment.url} />}
        </li>
      ))}
    </ul>
  );
}

function nameOf({ filename }: ApiAttachment): string {
  return filename ?? "(no name)";
}

function factsOf({ contentType, size, disposition, contentId }: ApiAttachment): string {
  return [
    contentType,
    formatSize(size),
    ...(disposition === undefined ? [] : [disposition]),
    ...(contentId === undefined ? [] : [`cid:${contentId}`]),
  ].join(", ");
}

function Thumbnail({ attachment }: { readonly attachment: ApiAttachment }): JSX.Element {
  const { contentType, size, url } = attachment;
  if (PICTURE.test(contentType) && size <= MAX_THUMBNAIL_BYTES)
    return <img class="thumbnail" src={`${url}/view`} alt="" loading="lazy" />;
  return (
    <span class="thumbnail">
      <Icon name={iconOf(contentType)} />
    </span>
  );
}

function iconOf(contentType: string): IconName {
  if (contentType === "message/rfc822") return "mail";
  return contentType === "text/calendar" ? "calendar" : "file";
}
