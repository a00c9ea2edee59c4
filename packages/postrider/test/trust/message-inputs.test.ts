/**
 * Every string of a message, and every trick in each: it is an error that names the field, before the first byte, or it
 * arrives as what it is and changes nothing else.
 */
import { MESSAGE_SLOTS } from "./message-slots.js";
import { throwTricks } from "./throw-tricks.js";

throwTricks(MESSAGE_SLOTS);
