/**
 * Every string of an option, a command or a helper, and every trick in each: it is an error that names the field, before the
 * first byte, or it arrives as what it is and changes nothing else.
 */
import { COMMAND_SLOTS } from "./command-slots.js";
import { CONNECTION_SLOTS } from "./connection-slots.js";
import { HELPER_SLOTS } from "./helper-slots.js";
import { throwTricks } from "./throw-tricks.js";

throwTricks({ ...CONNECTION_SLOTS, ...COMMAND_SLOTS, ...HELPER_SLOTS });
