/**
 * The header fields of a message, in its order.
 */
import type { JSX } from "preact";
import { CopyButton } from "../copy-button.js";

interface HeadersTabProps {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export function HeadersTab({ headers }: HeadersTabProps): JSX.Element {
  const all = headers.map(({ name, value }) => `${name}: ${value}`).join("\n");
  return (
    <div class="code-place">
      <CopyButton text={all} what="all fields" />
      <table class="headers">
        <tbody>
          {headers.map(({ name, value }, index) => (
            // Fields repeat, and their order never changes.
            <tr key={index}>
              <th scope="row">{name}</th>
              <td dir="auto">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
