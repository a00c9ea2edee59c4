/**
 * What the command says when it ends, in the numbers of sysexits.h.
 */

export const EXIT = {
  ok: 0,
  /** The command line is wrong. */
  usage: 64,
  /** What was given cannot be sent: an address, a message, a row. */
  data: 65,
  /** A file that should be read is not there, or cannot be read. */
  noInput: 66,
  /** The server says no, and will say so again. */
  unavailable: 69,
  /** A fault of this program. */
  software: 70,
  /** A file that should be written cannot be. */
  cannotCreate: 73,
  /** The outcome is unknown: the message may have been delivered, so that trying again may deliver it twice. */
  unknownOutcome: 74,
  /** Try again later. */
  tryAgain: 75,
  /** Credentials are refused, or a file is open to others. */
  permission: 77,
  /** Ended by Ctrl-C, as shells say it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
