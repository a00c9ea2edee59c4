// @ts-check
/**
 * One message with a file of 1 GiB attached, against smtp-sink, unsigned and signed: throughput and peak memory.
 *
 * Run: npm run bench -- big
 */

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeContender } from "./lab/contenders.mjs";
import { onOneCore } from "./lab/one-core.mjs";
import { goalsOf, runSendBenchmark } from "./lab/send-benchmark.mjs";
import { runIfMain } from "./lab/settings.mjs";
import { startSmtpSink, startSmtpSinkOnOneCore } from "./servers/smtp-sink.mjs";

const MIB = 2 ** 20;
/** Memory, where there is such a folder: the disk is not what is measured. */
const PARENT = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
const LINE_BYTES = 57;

await runIfMain(import.meta.url, async (settings) => {
  const size = (settings.quick ? 256 : 1024) * MIB;
  const plain = `a file of ${size / MIB} MiB`;
  const onOne = `${plain}, client and server on one core`;
  const signed = `${plain}, signed with DKIM`;
  const contenders = ["postrider", "nodemailer", "floor"].map((library) =>
    nodeContender(library, { program: "big", job: { library } }),
  );
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  await runSendBenchmark(
    {
      name: "big",
      title: "One message with a large file",
      unit: "MiB/s",
      method:
        "MiB of the file a second, one message over one connection to Postfix's smtp-sink on this machine. The floor writes a file that was encoded beforehand to the socket, and signs nothing. Signed: rsa-sha256, 2048 bits, relaxed/relaxed; nodemailer keeps the message in a folder meanwhile (`cacheDir`), and not in memory. On two cores smtp-sink is busy all the time, and a client that needs less of the other core is no faster for it; so once more with both on one. The processor time is that of the whole message.",
      start: async () => startWithFiles(size),
      heats: ({ oneCorePort }) => [
        { name: plain, job: {}, contenders },
        { name: onOne, job: { port: oneCorePort }, contenders: contenders.map(onOneCore) },
        { name: signed, job: { key }, contenders },
      ],
      goals: [
        ...goalsOf(plain, { nodemailer: 1.3, floor: 0.9 }),
        ...goalsOf(onOne, { nodemailer: 1.3 }),
        ...goalsOf(signed, { nodemailer: 1.3 }),
      ],
      findings: (heats) => heats.flatMap(memoryFinding),
    },
    settings,
  );
});

/** @param {import("./lab/contest.mjs").HeatResult} heat */
function memoryFinding({ name, standings }) {
  const peak = (/** @type {string} */ library) => standings.find((one) => one.name === library)?.memory;
  const [own, other] = [peak("postrider"), peak("nodemailer")];
  if (own === undefined || other === undefined) return [];
  const wanted = `${name}: peak memory not above nodemailer's`;
  return [
    `${own <= other ? "reached" : "missed"}: ${wanted}; it is ${own.toFixed(0)} MiB, nodemailer's ${other.toFixed(0)}`,
  ];
}

/** @param {number} size */
async function startWithFiles(size) {
  const folder = mkdtempSync(join(PARENT, "postrider-bench-big-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const files = writeFiles(folder, size);
  const sink = await startSmtpSink();
  const oneCoreSink = await startSmtpSinkOnOneCore();
  const stop = () => Promise.all([sink.stop(), oneCoreSink.stop()]).then(remove, remove);
  return { port: sink.port, oneCorePort: oneCoreSink.port, ...files, folder, stop };
}

/**
 * The file, and the message with it as it goes over the wire.
 * @param {string} folder
 * @param {number} size
 */
function writeFiles(folder, size) {
  const file = join(folder, "large.bin");
  const encoded = join(folder, "large.eml");
  // A whole number of base64 lines, so that the blocks can be encoded one by one.
  const block = randomBytes(LINE_BYTES * 16_384);
  const lines = Buffer.from(block.toString("base64").replaceAll(/.{76}/g, "$&\r\n"));
  const [plain, wire] = [openSync(file, "w"), openSync(encoded, "w")];
  writeSync(wire, "From: ann@example.org\r\nTo: bob@example.com\r\nSubject: A large file\r\n\r\n");
  let bytes = 0;
  for (; bytes < size; bytes += block.length) {
    writeSync(plain, block);
    writeSync(wire, lines);
  }
  writeSync(wire, ".\r\n");
  closeSync(plain);
  closeSync(wire);
  return { file, encoded, bytes };
}
