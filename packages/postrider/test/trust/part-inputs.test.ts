/**
 * Every string of a part, a newsletter or an invitation, and every trick in each: it is an error that names the field, before
 * the first byte, or it arrives as what it is and changes nothing else.
 */
import { NEWSLETTER_SLOTS } from "./newsletter-slots.js";
import { PART_SLOTS } from "./part-slots.js";
import { throwTricks } from "./throw-tricks.js";

throwTricks({ ...PART_SLOTS, ...NEWSLETTER_SLOTS });
