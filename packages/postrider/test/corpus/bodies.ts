/** The bodies of the corpus: what makes text hard to carry, around a text in any language. */

export interface BodyRow {
  readonly name: string;
  readonly make: (text: string) => string;
}

export const BODIES: readonly BodyRow[] = [
  { name: "one line", make: (text) => text },
  { name: "paragraphs", make: (text) => `Hello,\n\n${text}\n\n${text} ${text}\n\n-- \nAnn\n` },
  { name: "a line over 998", make: (text) => `${text.repeat(1 + Math.ceil(1200 / text.length))}\nshort\n` },
  { name: "dots first", make: (text) => `.\n..\n.${text}\n.\n` },
  { name: "From first", make: (text) => `From here on: ${text}\nFrom there\n>From there\n` },
  { name: "boundary-like lines", make: (text) => `--\n--=_0123456789abcdef0123456789abcdef\n${text}\n--x--\n` },
  { name: "equals signs", make: (text) => `a=b; c==d; =3D =\n${text}=\n=20\n` },
  { name: "white space at line ends", make: (text) => `${text} \n\tindented\t\n  two  \n` },
  { name: "empty lines last", make: (text) => `${text}\n\n\n` },
  { name: "every kind of line end", make: (text) => `${text}\r\none\rtwo\nthree` },
  { name: "header-like lines", make: (text) => `Subject: no\nBcc: nobody@x.example\n\n${text}\n` },
  { name: "encoded-word-like", make: (text) => `=?utf-8?q?no?= ${text} &amp; <b>no</b>\n` },
];
