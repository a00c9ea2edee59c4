/**
 * An address field with expressions: `{{ name }} <{{ email }}>`. The template says where addresses begin and end; what a value
 * holds is one name or one address, commas and angle brackets included.
 */
import { type AddressesInput, parseAddressList } from "postrider";
import { Expression, type Use, type Values } from "./expressions.js";
import type { Place } from "./place.js";
import type { Placeholders } from "./placeholders.js";

/** Makes an address of a stand-in that is all there is of one: `{{ email }}`. RFC 2606 §2: nobody has it. */
const NOWHERE = "@value.invalid";

export class AddressField {
  readonly #expression: Expression;
  readonly #placeholders: Placeholders;

  /** @throws CliError when the expressions do not parse. */
  constructor(text: string, place: Place, placeholders: Placeholders) {
    this.#expression = new Expression(text, place, { escaping: placeholders });
    this.#placeholders = placeholders;
  }

  get uses(): readonly Use[] {
    return this.#expression.uses;
  }

  /** @throws CliError, AddressError */
  fill(values: Values): AddressesInput {
    const text = this.#expression
      .fill(values)
      .replace(
        this.#placeholders.alone,
        (_match, before: string, alone: string) => `${before}${alone.trim()}${NOWHERE}`,
      );
    return parseAddressList(text).map((one) =>
      "members" in one
        ? { name: this.#restore(one.name), members: one.members.map((member) => this.#mailbox(member)) }
        : this.#mailbox(one),
    );
  }

  #mailbox({ name = "", address }: { readonly name: string | undefined; readonly address: string }): {
    readonly name: string;
    readonly address: string;
  } {
    const alone = address.endsWith(NOWHERE) ? address.slice(0, -NOWHERE.length) : address;
    return { name: this.#restore(name), address: this.#restore(alone) };
  }

  #restore(text: string): string {
    return this.#placeholders.restore(text);
  }
}
