/**
 * What `postrider check` finds out about a server, as plain data: the `--json` form, and what the text is made of.
 */

export interface ServerReport {
  readonly server: string;
  readonly greeting: string;
  /** Milliseconds until the greeting was there, the handshake of TLS from the first byte included. */
  readonly connectMs: number;
  /** Milliseconds for a command and its reply: the best of three. */
  readonly roundTripMs: number;
  readonly tls: TlsReport | undefined;
  /** Upper-case keyword -> parameters, as offered to those who may log in: inside TLS where there is TLS. */
  readonly extensions: Readonly<Record<string, string>>;
  readonly authMethods: readonly string[];
  readonly limits: LimitsReport;
  readonly clearText: ClearTextReport;
  /** Undefined when there were no credentials to try. */
  readonly login: LoginReport | undefined;
  readonly warnings: readonly string[];
}

export interface TlsReport {
  readonly by: "first byte" | "STARTTLS";
  readonly protocol: string;
  readonly cipher: string;
  /** Why the certificate does not hold; undefined when it does. */
  readonly problem: string | undefined;
  /** The server's own first, then those who signed it, as far as they are known. */
  readonly chain: readonly CertificateReport[];
}

export interface CertificateReport {
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses that it is for. */
  readonly names: readonly string[];
  readonly validFrom: string;
  readonly validTo: string;
  /** Whole days from now; negative when it has expired. */
  readonly daysLeft: number;
}

export interface LimitsReport {
  /** Bytes of a message (RFC 1870). */
  readonly messageBytes: number | undefined;
  /** RFC 9422: messages in a session, recipients of a message, domains of a message. */
  readonly mailMax: number | undefined;
  readonly rcptMax: number | undefined;
  readonly rcptDomainMax: number | undefined;
}

export interface ClearTextReport {
  /** Mechanisms that the server offers before TLS; what it takes there, anybody on the way can read. */
  readonly authMethods: readonly string[];
  /** Whether Postrider would refuse to log in there. */
  readonly refusedByPostrider: boolean;
}

export interface LoginReport {
  readonly username: string;
  readonly accepted: boolean;
  /** The server's words, or why it was not tried. */
  readonly answer: string;
  /** Whether the same credentials may be accepted later. */
  readonly mayWorkLater?: true;
}
