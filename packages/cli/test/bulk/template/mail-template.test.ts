import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import PostalMime from "postal-mime";
import { MailTemplate } from "../../../src/bulk/template/mail-template.js";
import { readTemplateFile } from "../../../src/bulk/template/template-file.js";
import { CliError } from "../../../src/cli-error.js";
import { folder } from "../../support/command.js";

async function load(t: TestContext, name: string, content: string): Promise<MailTemplate> {
  const file = join(folder(t), name);
  writeFileSync(file, content);
  return new MailTemplate(await readTemplateFile(file), { attachments: [] });
}

/** HTML and text as a reader decodes them, and the names of the attachments. */
async function render(template: MailTemplate, values: Record<string, string>): Promise<string> {
  const { html, text, attachments } = await PostalMime.parse(await template.compose(values).toBytes());
  const files = attachments.map(
    ({ filename, content }) => `${filename}: ${new TextDecoder().decode(content as ArrayBuffer)}`,
  );
  return [html, text, ...files].join("\n");
}

const HEAD = "---\nFrom: ann@example.org\nTo: {{ name }} <{{ email }}>\nSubject: Hello {{ name }}\n---\n";
const EVIL = { name: '*B* <b>"x", [y](z) & #', email: "bob@example.com" };

test("Markdown: a value is never markup, in text, code, links, attributes or HTML of the author's", async (t) => {
  const body =
    '# {{ name }}\n\n**{{ name }}** `{{ name }}`\n\n<p title="{{ name }}">{{ name }}</p>\n\n[see](https://e.com/?q={{ name }})\n';
  const mail = await render(await load(t, "m.md", HEAD + body), EVIL);
  const safe = "*B* &lt;b&gt;&quot;x&quot;, [y](z) &amp; #";
  assert.ok(mail.includes(`<h1>${safe}</h1>`));
  assert.ok(mail.includes(`<p><strong>${safe}</strong> <code>${safe}</code></p>`));
  assert.ok(mail.includes(`<p title="${safe}">${safe}</p>`));
  assert.ok(mail.includes('<a href="https://e.com/?q=*B*%20%3Cb%3E%22x%22,%20%5By%5D(z)%20&amp;%20#">see</a>'));
  // The text beside it has the values as they are.
  assert.match(mail, /^\*B\* <b>"x", \[y\]\(z\) & #$/m);
});

test("Markdown: a link that a value turns into a script is an error", async (t) => {
  const template = await load(t, "m.md", `${HEAD}[x]({{ url }})\n`);
  assert.throws(() => template.compose({ ...EVIL, url: "javascript:alert(1)" }), /which is not allowed/);
  assert.match(
    await render(template, { ...EVIL, url: "https://ok.example/a b" }),
    /href="https:\/\/ok\.example\/a%20b"/,
  );
});

test("Markdown: branches, loops and filters; what was captured keeps its values", async (t) => {
  const body =
    "{% capture hi %}Dear {{ name | upcase }}{% endcapture %}{% if vip == 'yes' %}**{{ hi }}**{% else %}{{ hi }}{% endif %}\n";
  const template = await load(t, "m.md", HEAD + body);
  assert.match(await render(template, { name: "a*b*", email: "x@y.z", vip: "yes" }), /<strong>Dear A\*B\*<\/strong>/);
  assert.match(await render(template, { name: "a*b*", email: "x@y.z", vip: "" }), /<p>Dear A\*B\*<\/p>/);
});

test("HTML: values are escaped; raw is the author's own choice", async (t) => {
  const mail = await render(await load(t, "m.html", `${HEAD}<p>{{ name }}</p><i>{{ name | raw }}</i>`), EVIL);
  assert.ok(mail.includes("<p>*B* &lt;b&gt;&#34;x&#34;, [y](z) &amp; #</p>"));
  assert.ok(mail.includes('<i>*B* <b>"x", [y](z) & #</i>'));
});

test("a value is one name or one address, whatever signs it holds", async (t) => {
  const template = await load(t, "m.html", `${HEAD}x`);
  const message = template.compose({ name: "Evil, eve@evil.example", email: "bob@example.com" });
  assert.equal(message.headers.get("to"), '"Evil, eve@evil.example" <bob@example.com>');
  for (const email of ["a@b.c, d@e.f", "Eve <eve@e.f>", "", "no address", "a@b.c\r\nBcc: x@y.z"]) {
    assert.throws(() => template.compose({ name: "Bob", email }), { name: "AddressError" }, email);
  }
  assert.throws(() => template.compose({ name: "Bob\r\nBcc: x@y.z", email: "a@b.c" }), { name: "AddressError" });
});

test("a line break in a value of the subject is an error, not a header", async (t) => {
  const template = await load(t, "m.html", "---\nFrom: a@b.c\nTo: {{ email }}\nSubject: {{ name }}\n---\nx");
  assert.throws(() => template.compose({ name: "x\r\nBcc: e@v.il", email: "a@b.c" }), { name: "MessageError" });
});

test("without To a row goes to its email; addresses may be put together", async (t) => {
  const none = await load(t, "m.html", "---\nFrom: a@b.c\nSubject: x\n---\nx");
  assert.equal(none.compose({ email: "bob@example.com" }).headers.get("to"), "bob@example.com");
  const parts = await load(
    t,
    "m.html",
    "---\nFrom: a@b.c\nSubject: x\nTo: {{ user }}@{{ host }}, Team <team@b.c>\n---\nx",
  );
  assert.equal(
    parts.compose({ user: "bob", host: "example.com" }).headers.get("to"),
    "bob@example.com, Team <team@b.c>",
  );
});

test("a variable that is not there is an error that names it and its line, never a hole", async (t) => {
  for (const body of ["{{ nmae }}", "{% if nmae %}x{% endif %}", "{{ name.first }}", "{{ nmae | upcase }}"]) {
    const template = await load(t, "m.md", `${HEAD}\n${body}\n`);
    assert.throws(
      () => template.compose(EVIL),
      (error) =>
        error instanceof CliError &&
        /undefined variable: (?:nmae|name\.first) \(line 2 of the template\)/.test(error.message),
    );
  }
});

test("a template opens no file, and knows no filter that does not exist", async (t) => {
  const including = await load(t, "m.md", `${HEAD}{% include "/etc/passwd" %}`);
  assert.throws(() => including.compose(EVIL), CliError);
  await assert.rejects(load(t, "m.md", `${HEAD}{{ name | shout }}`), /undefined filter: shout/);
  await assert.rejects(load(t, "m.md", `${HEAD}{{ name`), /not closed/);
});

test("a whole message: encoded parts are decoded, filled and encoded again; attachments and headers stay", async (t) => {
  const eml = [
    "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>",
    "To: {{ name }} <{{ email }}>",
    "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= {{ name }}",
    "X-Campaign: {{ name }}",
    "Date: Sun, 1 Jan 2023 00:00:00 +0000",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="b"',
    "",
    "--b",
    "Content-Type: text/html; charset=iso-8859-1",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "<p>Gr=FC=DFe {{ na=",
    "me }}</p>",
    "--b",
    'Content-Type: text/csv; name="list.csv"',
    'Content-Disposition: attachment; filename="list.csv"',
    "",
    "{{ kept }}",
    "--b--",
    "",
  ].join("\r\n");
  const template = await load(t, "m.eml", eml);
  const message = template.compose({ name: "Ümit <b>", email: "u@example.com" });
  assert.equal(message.headers.get("subject"), "Grüße Ümit <b>");
  assert.equal(message.headers.get("x-campaign"), "Ümit <b>");
  const mail = await render(template, { name: "Ümit <b>", email: "u@example.com" });
  assert.ok(mail.includes("<p>Grüße Ümit &lt;b&gt;</p>"));
  assert.ok(mail.includes("list.csv: {{ kept }}"));
  assert.doesNotMatch(message.headers.get("date") ?? "", /2023/);
});

test("fields that are missing, twice or malformed are errors that say what to do", async (t) => {
  for (const [text, says] of [
    ["x", /there is no subject: give --subject/],
    ["---\nSubject: x\n---\nx", /there is no author: give --from/],
    ["---\nFrom: a@b.c\nFrom: a@b.c\nSubject: x\n---\n", /the field From twice/],
    ["---\nFrom: a@b.c\nSubject: x\n", /do not end/],
    ["---\nFrom a@b.c\n---\n", /line 2: must be "Name: value"/],
  ] as const) {
    await assert.rejects(load(t, "m.md", text), says);
  }
  await assert.rejects(load(t, "m.txt", "x"), /must end with \.md, \.html or \.eml/);
});
