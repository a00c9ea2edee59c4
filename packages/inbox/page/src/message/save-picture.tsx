/**
 * The button that saves the HTML of a message as a picture, as wide as it is shown.
 */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type ApiMessage, fetchFrame } from "../api.js";
import { IconButton } from "../icons.js";
import { pictureOf } from "./picture.js";

interface SavePictureProps {
  readonly message: ApiMessage;
  /** Pixels; undefined is as wide as the frame. */
  readonly width: number | undefined;
}

export function SavePicture({ message, width }: SavePictureProps): JSX.Element {
  const [state, setState] = useState("");
  const save = async (): Promise<void> => {
    const shown = width ?? document.querySelector("iframe")?.clientWidth ?? 0;
    const picture = await pictureOf(await fetchFrame(message.id), shown, devicePixelRatio);
    const url = URL.createObjectURL(picture);
    const link = document.createElement("a");
    link.href = url;
    link.download = `${message.id}-${shown}.png`;
    link.click();
    // The browser reads it after the click.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };
  return (
    <span class="save-picture">
      {state !== "" && (
        <span class="small dim" role="status">
          {state}
        </span>
      )}
      <IconButton
        icon="picture"
        label={`Save as a picture${message.remote.length > 0 ? ", without remote content" : ""}`}
        disabled={state === "Saving …"}
        onClick={() => {
          setState("Saving …");
          save().then(
            () => setState(""),
            (error: Error) => setState(error.message),
          );
        }}
      />
    </span>
  );
}
