/**
 * The header fields of a message, in its order.
 */
import type { JSX } from "preact";

interface HeadersTabProps {
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export function HeadersTab({ headers }: HeadersTabProps): JSX.Element {
  return (
    <table>
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
  );
}
