/**
 * As much of DER as keys need: values with a tag and a length, read and written.
 *
 * Layer: dkim. ITU-T X.690 §8 and §10.
 */
import { Buffer } from "node:buffer";

export interface DerValue {
  readonly tag: number;
  readonly body: Uint8Array;
}

export const DER = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

/** The values that stand one after the other in `bytes`, or undefined when it is no DER. */
function readDer(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const [tag = 0, length = 0x80] = bytes.subarray(offset, offset + 2);
    offset += 2;
    let size = length;
    if (length >= 0x80) {
      // Four bytes of length are more than any key.
      const count = length & 0x7f;
      if (count === 0 || count > 4 || offset + count > bytes.length) return undefined;
      size = bytes.subarray(offset, offset + count).reduce((sum, byte) => sum * 256 + byte, 0);
      offset += count;
    }
    if (offset + size > bytes.length) return undefined;
    values.push({ tag, body: bytes.subarray(offset, offset + size) });
    offset += size;
  }
  return values;
}

/** What is inside the one sequence that `bytes` is, or undefined. */
export function readSequence(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values = readDer(bytes);
  const [only] = values ?? [];
  return values?.length === 1 && only?.tag === DER.sequence ? readDer(only.body) : undefined;
}

/** The body when the value is there and of that kind. */
export function bodyOf(value: DerValue | undefined, tag: number): Uint8Array | undefined {
  return value?.tag === tag ? value.body : undefined;
}

export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  const length = size.subarray(size.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body]);
}
