/** Another's verifier, with DNS in a map. */
import { dkimVerify } from "mailauth/lib/dkim/verify.js";

export interface Verdict {
  readonly result: string;
  readonly comment: string;
}

/** The verdict on each signature, from the top; `records` by name. */
export async function verdicts(message: Uint8Array, records: ReadonlyMap<string, string>): Promise<readonly Verdict[]> {
  const resolver = async (name: string) => {
    const record = records.get(name);
    if (record === undefined) throw Object.assign(new Error(`no ${name}`), { code: "ENOTFOUND" });
    return [[record]];
  };
  const { results } = await dkimVerify(Buffer.from(message), { resolver: resolver as never });
  return results.map(({ status }) => ({ result: status.result, comment: status.comment ?? "" }));
}
