/**
 * The two ways to write a header field.
 *
 * Layer: message. RFC 5322, RFC 6532.
 */

/** `"ascii"`: encoded words and A-labels. `"utf8"`: text as it is (RFC 6532), for a message sent with SMTPUTF8. */
export type HeaderForm = "ascii" | "utf8";
