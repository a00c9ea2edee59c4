/**
 * A part that holds parts.
 *
 * Layer: message. RFC 2046 §5.1.
 */
import { MessageError } from "../errors.js";
import { describe, ownEntries } from "../given.js";
import { partKind } from "./entity.js";
import { MimePart } from "./mime-part.js";

import { randomBoundary } from "./random-token.js";
import { checkSubtype } from "./subtype.js";

/**
 * Several parts in one: `"mixed"`, `"alternative"` (the best last), `"related"` (the root first) or another subtype.
 *
 * @example
 * const body = new MimeMultipart("alternative");
 * body.attach(new MimeText("Hello")).attach(new MimeText("<p>Hello</p>", "html"));
 *
 * @throws MessageError (`"message"`) when the subtype is none, or something else than a part is given.
 */
export class MimeMultipart extends MimePart {
  readonly #parts: MimePart[] = [];

  constructor(subtype = "mixed", parts: readonly MimePart[] = []) {
    super();
    checkSubtype(subtype);
    if (!Array.isArray(parts)) throw new MessageError("parts", `must be an array, not ${describe(parts)}`);
    this.headers.set("Content-Type", `multipart/${subtype}`);
    this.content = { kind: "parts", parts: this.#parts, boundary: randomBoundary() };
    for (const part of ownEntries(parts)) this.attach(part as MimePart);
  }

  /** Adds a part at the end. */
  attach(part: MimePart): this {
    if (partKind(part, "part") === undefined)
      throw new MessageError("part", `must be a MimePart, not ${describe(part)}`);
    this.#parts.push(part);
    return this;
  }
}
