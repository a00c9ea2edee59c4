/**
 * A program to be killed: an inbox with a Maildir. Prints its port.
 */
import { startInbox } from "../../src/index.js";

const inbox = await startInbox({ smtpPort: 0, webPort: false, store: process.argv[2] });
console.log(inbox.smtpPort);
