/**
 * A reply of the server, as a value.
 *
 * Layer: root vocabulary, importable by all. RFC 5321 §4.2, RFC 2034, RFC 3463.
 */

/** One complete reply. */
export interface SmtpReply {
  /** Three digits, 200 to 599. */
  readonly code: number;
  /** Enhanced status code such as `"5.1.1"`, when the server gives one (RFC 2034, RFC 3463). */
  readonly enhancedCode: string | undefined;
  /** Text of each line, without the code; the enhanced code stays where the server put it. */
  readonly lines: readonly string[];
  /** All lines joined with `\n`. */
  readonly message: string;
}
