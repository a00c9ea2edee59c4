/**
 * Every string of an option, a command or a helper, and every trick in each: it is an error that names the field, before the first byte, or it
 * arrives as what it is and changes nothing else.
 */
import { CONNECTION_SLOTS } from "./connection-slots.js";
import { throwTricks } from "./throw-tricks.js";

throwTricks(CONNECTION_SLOTS);
