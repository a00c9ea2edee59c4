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
        error instanceof CliError && /m\.md, line 7: undefined variable: (?:nmae|name\.first)$/.test(error.message),
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

const SAVED = [
  "X-Mozilla-Status: 0001",
  "X-Identity-Key: id1",
  "FCC: mailbox://nobody@Local%20Folders/Sent",
  "Received: from somewhere",
  "X-MS-Exchange-Organization-AuthAs: Internal",
  "X-Originating-IP: [192.0.2.1]",
  "From: ann@example.org",
  "To: {{ name }} <{{ email }}>",
  "Subject: Offer",
  " for {{ name }}",
  "X-Campaign: {{ name }}",
  "MIME-Version: 1.0",
  'Content-Type: multipart/mixed; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "Gr=C3=BC=C3=9Fe {{ name }}, this line is s=",
  "oftly broken {{ BODY }}.",
  "--b",
  "Content-Type: application/pdf",
  "Content-Description: For {{ name }}",
  "Content-Disposition: attachment; filename*=utf-8''Offer%20%7B%7B%20name%20%7D%7D.pdf",
  "Content-Transfer-Encoding: base64",
  "",
  "JVBERi0=",
  "--b",
  "Content-Type: message/rfc822",
  'Content-Disposition: attachment; filename="old {{ name }}.eml"',
  "",
  "Subject: inner",
  "",
  "inner {{ name }}",
  "--b--",
  "",
].join("\r\n");

test("a saved message: names and descriptions of attachments are filled, and an attached mail stays an attachment", async (t) => {
  const template = await load(t, "m.eml", SAVED.replace("BODY", "name"));
  const values = { name: "Ümit", email: "u@example.com" };
  const { attachments, text } = await PostalMime.parse(await template.compose(values).toBytes(), {
    forceRfc822Attachments: true,
  });
  assert.deepEqual(
    attachments.map(({ filename, description }) => [filename, description]),
    [
      ["Offer Ümit.pdf", "For Ümit"],
      ["old Ümit.eml", undefined],
    ],
  );
  assert.equal(text?.trim(), "Grüße Ümit, this line is softly broken Ümit.");
  const evil = { name: "x\r\nBcc: eve@e.f", email: "u@example.com" };
  assert.throws(() => template.compose(evil), { name: /AddressError|MessageError/ });
});

test("a saved message: what mail programs and servers wrote for themselves does not go out, and is told by name", async (t) => {
  const file = join(folder(t), "m.eml");
  writeFileSync(file, SAVED);
  const { fields, warnings } = await readTemplateFile(file);
  assert.deepEqual(
    fields.map(({ name }) => name),
    ["From", "To", "Subject", "X-Campaign"],
  );
  assert.match(
    warnings[0] ?? "",
    /do not go out.*: X-Mozilla-Status, X-Identity-Key, FCC, Received, X-MS-Exchange-Organization-AuthAs, X-Originating-IP$/,
  );
  assert.match(warnings[1] ?? "", /old \{\{ name \}\}\.eml contains \{\{ but is sent unchanged/);
});

const FAULTS: readonly (readonly [what: string, name: string, content: string, says: RegExp])[] = [
  [
    "a field",
    "m.md",
    `${HEAD.replace("Hello {{ name }}", "{{ name | shout }}")}x`,
    /^Subject in .*m\.md, line 4: undefined filter: shout/,
  ],
  ["Markdown", "m.md", `${HEAD}\n\n{% if name %}`, /m\.md, line 8: tag .* not closed/],
  [
    "HTML with CRLF",
    "m.html",
    `${HEAD}<p>\n</p>{{ name`.replaceAll("\n", "\r\n"),
    /m\.html, line 7: output .* not closed/,
  ],
  ["HTML with a filter that is not there", "m.html", `${HEAD}<p>\n{{ name | shout }}`, /m\.html, line 7: /],
  [
    "a saved message",
    "m.eml",
    SAVED.replace("BODY", "name | shout"),
    /the text of .*m\.eml, line 20: undefined filter/,
  ],
  [
    "a field of a saved message",
    "m.eml",
    SAVED.replace("X-Campaign: {{ name", "X-Campaign: {{ name | shout"),
    /X-Campaign in .*m\.eml, line 11: undefined filter/,
  ],
  ["a comma", "m.md", `${HEAD}\nDear {{ name, city }}`, /m\.md, line 7: a comma inside \{\{ \}\}/],
];

for (const [what, name, content, says] of FAULTS) {
  test(`a fault in ${what} names the line of the file`, async (t) => {
    await assert.rejects(load(t, name, content), (error) => {
      assert.ok(error instanceof CliError);
      assert.match(error.message.replace(/^\/\S*\//, ""), says);
      return true;
    });
  });
}

const COLUMNS: readonly (readonly [written: string, columns: readonly string[], says: RegExp])[] = [
  ["{{ name }}", ["email", "Name"], /no column name; did you mean \{\{ Name \}\}\?/],
  ["{{ name }}", ["email", " name "], /did you mean \{\{ \[" name "\] \}\}\?/],
  ["{{ First Name }}", ["email", "First Name"], /a name with blanks is written \{\{ \["First Name"\] \}\}/],
  ["{{ First Name }}", ["email", "First", "Name"], /no column "First Name"/],
  ["{{ first_name }}", ["email", "First Name"], /did you mean \{\{ \["First Name"\] \}\}\?/],
  ["{{ nmae }}", ["email", "name"], /did you mean \{\{ name \}\}\?/],
  ["{{ zzz }}", ["email", "name"], /line 6: there is no column zzz\n/],
  ["{% if vip %}x{% endif %}", ["email"], /no column vip/],
  ["{{ email | append: nmae }}", ["email"], /no column nmae/],
];

for (const [written, columns, says] of COLUMNS) {
  test(`${written} in a file with the columns ${columns.join(", ")} is an error that tells them`, async (t) => {
    const template = await load(t, "m.md", `---\nFrom: a@b.c\nTo: {{ email }}\nSubject: x\n---\n${written}\n`);
    assert.throws(
      () => template.checkColumns(columns),
      (error) =>
        error instanceof CliError && says.test(error.message) && error.message.includes("The columns are email"),
    );
  });
}

test("names that a template makes itself are no columns", async (t) => {
  const body =
    "{% assign a = name %}{{ a }}{% capture b %}{{ name }}{% endcapture %}{{ b }}{% for c in (1..2) %}{{ c }}{{ forloop.index }}{% endfor %}{{ ['First Name'] }}";
  const template = await load(t, "m.md", HEAD + body);
  template.checkColumns(["email", "name", "First Name"]);
});

test("a place that a value leaves empty is noticed, where it is put out", async (t) => {
  const empty = { name: "", email: "a@b.c" };
  for (const [body, isBlank] of [
    ["Dear {{ name }}", true],
    ["Dear {{ name | upcase }}", true],
    ["Dear {{ name | default: 'friend' }}", false],
    ["Dear {% if name == '' %}friend{% else %}{{ name }}{% endif %}", false],
  ] as const) {
    for (const kind of ["m.md", "m.html"]) {
      const template = await load(t, kind, `${HEAD.replace("Hello {{ name }}", "x")}${body}`);
      template.compose(empty);
      assert.equal(template.hasBlank, isBlank, body);
      template.compose({ ...empty, name: "Bob" });
      assert.equal(template.hasBlank, false);
    }
  }
});

test("fields that are missing, twice or malformed are errors that say what to do", async (t) => {
  for (const [text, says] of [
    ["x", /there is no subject: give --subject/],
    ["---\nSubject: x\n---\nx", /there is no author: give --from/],
    ["---\nFrom: a@b.c\nFrom: a@b.c\nSubject: x\n---\n", /the field From twice/],
    ["---\nFrom: a@b.c\nSubject: x\n", /have no closing ---/],
    ["---\nFrom a@b.c\n---\n", /line 2: must be "Name: value"/],
  ] as const) {
    await assert.rejects(load(t, "m.md", text), says);
  }
  await assert.rejects(load(t, "m.txt", "x"), /must end with \.md, \.html or \.eml/);
});
