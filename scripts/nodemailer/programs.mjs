// @ts-check
/**
 * Programs around packages that people use with nodemailer: each sends to SMTP_PORT, or prints what it has made.
 *
 * Layer: scripts.
 */

/**
 * @typedef {object} Program
 * @property {string} name As it is asked for: `npm run test:nodemailer -- nest`.
 * @property {readonly string[]} installs
 * @property {number} arrives How many messages arrive; what a program prints counts too.
 * @property {Readonly<Record<string, string>>} files One of them is program.mjs.
 */

const SERVER = `const server = { host: "127.0.0.1", port: Number(process.env.SMTP_PORT), ignoreTLS: true };
const message = { from: "Ann <ann@example.org>", to: "bob@example.com", subject: "Hello", text: "Hi Bob" };
`;

/** @type {readonly Program[]} */
export const PROGRAMS = [
  {
    name: "email-templates",
    installs: ["email-templates", "ejs"],
    arrives: 1,
    files: {
      "emails/welcome/html.ejs": "<p>Welcome, <%= name %></p><style>p { color: red }</style>",
      "emails/welcome/subject.ejs": "Welcome, <%= name %>",
      "program.mjs": `import Email from "email-templates";
${SERVER}
const views = { root: new URL("emails", import.meta.url).pathname, options: { extension: "ejs" } };
const email = new Email({ message: { from: message.from }, send: true, preview: false, transport: server, views });
const { accepted } = await email.send({ template: "welcome", message: { to: message.to }, locals: { name: "Bob" } });
console.log(accepted);
`,
    },
  },
  {
    name: "nodemailer-mock",
    installs: ["nodemailer-mock"],
    arrives: 0,
    files: {
      "program.mjs": `import { createRequire } from "node:module";
${SERVER}
const require = createRequire(import.meta.url);
const { getMockFor } = require("nodemailer-mock");
const mocked = getMockFor(require("nodemailer"));
const transporter = mocked.createTransport(server);
const info = await transporter.sendMail(message);
console.log(await transporter.verify(), info.response, mocked.mock.getSentMail().map(({ to, subject }) => [to, subject]));
`,
    },
  },
  {
    name: "nest",
    installs: [
      "@nestjs-modules/mailer",
      "@nestjs/common",
      "@nestjs/core",
      "reflect-metadata",
      "rxjs",
      "handlebars",
      "lodash",
      "glob@10",
    ],
    arrives: 1,
    files: {
      "templates/welcome.hbs": "<p>Welcome, {{name}}</p>",
      "program.mjs": `import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { MailerModule, MailerService } from "@nestjs-modules/mailer";
import adapters from "@nestjs-modules/mailer/adapters/handlebars.adapter";
${SERVER}
class App {}
const template = { dir: new URL("templates", import.meta.url).pathname, adapter: new adapters.HandlebarsAdapter() };
Module({ imports: [MailerModule.forRoot({ transport: server, defaults: { from: message.from }, template })] })(App);
const app = await NestFactory.createApplicationContext(App, { logger: false });
const { accepted } = await app.get(MailerService).sendMail({ to: message.to, subject: "Nest", template: "welcome", context: { name: "Bob" } });
console.log(accepted);
await app.close();
`,
    },
  },
  {
    name: "preview-email",
    installs: ["preview-email"],
    arrives: 0,
    files: {
      "program.mjs": `import { readFile } from "node:fs/promises";
import previewEmail from "preview-email";
${SERVER}
const url = await previewEmail({ ...message, html: "<p>Hi Bob</p>" }, { open: false, openSimulator: false });
console.log(/Hi Bob/.test(await readFile(new URL(url), "utf8")));
`,
    },
  },
  {
    name: "html-to-text",
    installs: ["nodemailer-html-to-text"],
    arrives: 1,
    files: {
      "program.mjs": `import nodemailer from "nodemailer";
import { htmlToText } from "nodemailer-html-to-text";
${SERVER}
const transporter = nodemailer.createTransport(server);
transporter.use("compile", htmlToText());
const { accepted } = await transporter.sendMail({ ...message, text: undefined, html: "<h1>Title</h1><p>Hi <b>Bob</b></p>" });
console.log(accepted);
`,
    },
  },
  {
    name: "express-handlebars",
    installs: ["nodemailer-express-handlebars", "express-handlebars"],
    arrives: 1,
    files: {
      "views/welcome.hbs": "<p>Welcome, {{name}}</p>",
      "program.mjs": `import nodemailer from "nodemailer";
import hbs from "nodemailer-express-handlebars";
${SERVER}
const folder = new URL("views", import.meta.url).pathname;
const transporter = nodemailer.createTransport(server);
transporter.use("compile", hbs({ viewEngine: { extname: ".hbs", partialsDir: folder, defaultLayout: false }, viewPath: folder, extName: ".hbs" }));
const { accepted } = await transporter.sendMail({ ...message, template: "welcome", context: { name: "Bob" } });
console.log(accepted);
`,
    },
  },
  {
    name: "auth.js",
    installs: ["@auth/core"],
    arrives: 1,
    files: {
      "program.mjs": `import Nodemailer from "@auth/core/providers/nodemailer";
${SERVER}
const made = Nodemailer({ server, from: message.from });
const provider = { ...made, ...made.options };
const theme = { colorScheme: "auto" };
await provider.sendVerificationRequest({ identifier: message.to, url: "https://example.org/sign-in", provider, theme });
console.log(provider.id);
`,
    },
  },
  {
    name: "strapi",
    installs: ["@strapi/provider-email-nodemailer"],
    arrives: 1,
    files: {
      "program.mjs": `import { createRequire } from "node:module";
${SERVER}
const provider = createRequire(import.meta.url)("@strapi/provider-email-nodemailer");
const { init } = provider.default ?? provider;
await init(server, { defaultFrom: message.from, defaultReplyTo: message.from }).send({ ...message, html: "<p>Hi Bob</p>" });
console.log("sent");
`,
    },
  },
  {
    name: "payload",
    installs: ["@payloadcms/email-nodemailer", "payload"],
    arrives: 1,
    files: {
      "program.mjs": `import { nodemailerAdapter } from "@payloadcms/email-nodemailer";
${SERVER}
const adapter = await nodemailerAdapter({ defaultFromAddress: "ann@example.org", defaultFromName: "Ann", transportOptions: server });
const email = adapter({ payload: { logger: console } });
const { accepted } = await email.sendEmail({ to: message.to, subject: "Payload", html: "<p>Hi Bob</p>" });
console.log(email.name, email.defaultFromAddress, accepted);
`,
    },
  },
];
