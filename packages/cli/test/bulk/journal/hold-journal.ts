/**
 * A run that holds a journal, as a process of its own: does what it is told by lines on stdin, and tells what came of it.
 *
 * Its time is that of the test: it waits, and shows that it lives, when it is told to.
 */
import { createInterface } from "node:readline";
import { Journal } from "../../../src/bulk/journal/journal.js";

const [, , file = ""] = process.argv;
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
let beat: () => void = () => undefined;
let goOn: () => void = () => undefined;

const opening = Journal.open(
  file,
  { "the data": "1" },
  {
    onWait: () => tell("waiting"),
    clock: {
      pause: () =>
        new Promise<void>((resolve) => {
          goOn = resolve;
          tell("pause");
        }),
      every: (_ms, action) => {
        beat = action;
        return () => undefined;
      },
    },
  },
);
opening.then(
  () => tell("open"),
  (error: unknown) => tell(`refused: ${String(error)}`),
);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "beat") beat();
  else if (line === "go on") goOn();
  else if (line === "append") {
    await (await opening)
      .append({ line: 2, is: "sending" })
      .then(() => tell("appended"))
      .catch((error: unknown) => tell(`not appended: ${String(error)}`));
  } else if (line === "close") {
    await (await opening).close();
    tell("closed");
  }
}
