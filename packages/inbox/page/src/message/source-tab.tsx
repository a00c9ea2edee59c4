/**
 * The bytes of a message as text.
 */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type ApiMessage, fetchSource } from "../api.js";
import { TextTab } from "./text-tab.js";

export function SourceTab({ message }: { readonly message: ApiMessage }): JSX.Element {
  const [source, setSource] = useState("");
  useEffect(() => {
    fetchSource(message).then(setSource, (error: Error) => setSource(error.message));
  }, [message]);
  return <TextTab text={source} />;
}
