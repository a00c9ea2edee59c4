/**
 * Images that stand in html as `data:` URIs, as attachments that the html links to.
 *
 * Layer: nodemailer. RFC 2397, RFC 2392.
 */
import { randomUUID } from "node:crypto";
import type { Attachment } from "./types.js";

// One attribute at a time, each character once: never backtracks far.
const IMAGE_SOURCE =
  /(<img\b[^<>]{0,2000}?\bsrc\s*=\s*)(?:"(data:image\/[^"]*)"|'(data:image\/[^']*)'|(data:image\/[^\s>]*))/gi;

/** The html with links in place of the images, and the images. */
export function inlineDataUrls(html: string): { readonly html: string; readonly attachments: readonly Attachment[] } {
  const attachments: Attachment[] = [];
  const text = html.replace(
    IMAGE_SOURCE,
    (whole: string, before: string, double?: string, single?: string, bare?: string) => {
      const uri = double ?? single ?? bare;
      if (uri === undefined) return whole;
      const cid = `${randomUUID()}@inline`;
      const subtype =
        /^data:image\/([\w.+-]+)/i
          .exec(uri)?.[1]
          ?.toLowerCase()
          .replace(/\+xml$/, "") ?? "png";
      attachments.push({
        path: uri,
        cid,
        filename: `image-${attachments.length + 1}.${subtype === "jpeg" ? "jpg" : subtype}`,
      });
      return `${before}"cid:${cid}"`;
    },
  );
  return { html: text, attachments };
}
