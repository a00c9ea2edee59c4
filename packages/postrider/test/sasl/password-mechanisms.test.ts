import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { OptionError } from "../../src/errors/errors.js";
import { CramMd5Exchange } from "../../src/sasl/cram-md5.js";
import { ExternalExchange, LoginExchange, PlainExchange } from "../../src/sasl/plain.js";
import { answer, base64, faultOf, text } from "./harness.js";

const TIM = { username: "tim", password: "tanstaaftanstaaf" };

test("PLAIN: the examples of RFC 4616 §4", () => {
  assert.equal(text(new PlainExchange(TIM).initialResponse()), "\0tim\0tanstaaftanstaaf");
  const kurt = new PlainExchange({ username: "Kurt", password: "xipj3plmq", authorizationId: "Ursel" });
  assert.equal(text(kurt.initialResponse()), "Ursel\0Kurt\0xipj3plmq");
});

test("PLAIN: UTF-8 goes out exactly as given, not as SASLprep would write it", () => {
  const exchange = new PlainExchange({ username: "j\u00fcrgen", password: "e\u0301\u{1f600}\u00aa" });
  assert.equal(text(exchange.initialResponse()), "\0j\u00fcrgen\0e\u0301\u{1f600}\u00aa");
});

test("PLAIN: what SASLprep forbids is an error that names the option", () => {
  const optionOf = (username: string, password: string): string | undefined => {
    try {
      new PlainExchange({ username, password });
    } catch (error) {
      return error instanceof OptionError ? error.option : String(error);
    }
    return undefined;
  };
  assert.equal(optionOf("a\u0085", "b"), "username");
  assert.equal(optionOf("a", "\ue000"), "password");
});

test("PLAIN: an empty challenge is answered with the response, once", async () => {
  const exchange = new PlainExchange(TIM);
  assert.equal(await answer(exchange, ""), "\0tim\0tanstaaftanstaaf");
  assert.match(await faultOf(exchange, ""), /twice/);
  assert.equal(exchange.conclude(), undefined);
});

test("PLAIN: any other challenge is a fault", async () => {
  assert.match(await faultOf(new PlainExchange(TIM), "why?"), /no challenge/);
});

test("LOGIN: the user name goes with AUTH, the password after the prompt", async () => {
  const exchange = new LoginExchange({ username: "j\u00fcrgen", password: "p\u00e4ss" });
  assert.equal(text(exchange.initialResponse()), "j\u00fcrgen");
  assert.equal(await answer(exchange, "Password:"), "p\u00e4ss");
  assert.match(await faultOf(exchange, "Password:"), /too often/);
});

test("LOGIN: a server that ignores the user name beside AUTH gets it after its prompt", async () => {
  for (const prompt of ["Username:", "User Name\0", "username"]) {
    const exchange = new LoginExchange(TIM);
    exchange.initialResponse();
    assert.equal(await answer(exchange, prompt), "tim");
    assert.equal(await answer(exchange, "Password\0"), "tanstaaftanstaaf");
  }
});

test("LOGIN: without words to go by, the order decides", async () => {
  const exchange = new LoginExchange(TIM);
  assert.equal(await answer(exchange, "Benutzer?"), "tim");
  assert.equal(await answer(exchange, ""), "tanstaaftanstaaf");
});

test("LOGIN: a server that asks for the same again, or goes on after the password, is a fault", async () => {
  const twice = new LoginExchange(TIM);
  await answer(twice, "Username:");
  assert.match(await faultOf(twice, "Username:"), /too often/);
  const after = new LoginExchange(TIM);
  await answer(after, "Password:");
  assert.match(await faultOf(after, "Username:"), /too often/);
});

test("CRAM-MD5: the example of RFC 2195 §2", async () => {
  const exchange = new CramMd5Exchange(TIM);
  assert.equal(exchange.initialResponse(), undefined);
  const response = await answer(exchange, "<1896.697170952@postoffice.reston.mci.net>");
  assert.equal(response, "tim b913a602c7eda7a495b4e6e7334d3890");
});

test("CRAM-MD5: user name and password are UTF-8, and the challenge is bytes", () => {
  const challenge = Uint8Array.of(0xff, 0x00, 0x3c);
  const exchange = new CramMd5Exchange({ username: "j\u00fcrgen", password: "p\u00e4ss" });
  const digest = createHmac("md5", Buffer.from("p\u00e4ss", "utf8")).update(challenge).digest("hex");
  assert.equal(text(exchange.respond(challenge)), `j\u00fcrgen ${digest}`);
});

test("CRAM-MD5: an empty challenge and a second one are faults", async () => {
  const exchange = new CramMd5Exchange(TIM);
  assert.match(await faultOf(exchange, ""), /empty/);
  await answer(exchange, "<1@x>");
  assert.match(await faultOf(exchange, "<2@x>"), /second/);
});

test("EXTERNAL: the identity to act as, or nothing", async () => {
  assert.equal(base64(new ExternalExchange({ username: "" }).initialResponse()), "");
  assert.equal(text(new ExternalExchange({ username: "ann" }).initialResponse()), "ann");
  const both = new ExternalExchange({ username: "ann", authorizationId: "bob" });
  assert.equal(await answer(both, ""), "bob");
  assert.match(await faultOf(both, ""), /twice/);
  assert.match(await faultOf(new ExternalExchange({ username: "" }), "x"), /no challenge/);
});
