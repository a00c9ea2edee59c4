// @ts-check
/**
 * What people type into the search, and the page that must come first.
 *
 * Layer: scripts.
 */

export const JOBS = [
  { words: "password reset", path: "recipes/password-reset-express" },
  { words: "contact form", path: "recipes/contact-form" },
  { words: "next.js server action", path: "recipes/nextjs" },
  { words: "fastify", path: "recipes/fastify" },
  { words: "hono", path: "recipes/hono" },
  { words: "nestjs", path: "recipes/nestjs" },
  { words: "lambda", path: "recipes/aws-lambda" },
  { words: "react email", path: "recipes/react-email" },
  { words: "mjml", path: "recipes/mjml" },
  { words: "handlebars", path: "recipes/handlebars" },
  { words: "pdf invoice", path: "recipes/invoice-pdf" },
  { words: "newsletter", path: "recipes/newsletter" },
  { words: "playwright", path: "recipes/end-to-end-tests" },
  { words: "cypress", path: "recipes/end-to-end-tests" },
  { words: "docker compose", path: "recipes/inbox-in-ci" },
  { words: "github actions", path: "recipes/inbox-in-ci" },
  { words: "gmail app password", path: "recipes/gmail" },
  { words: "office 365", path: "recipes/microsoft-365" },
  { words: "amazon ses", path: "recipes/amazon-ses" },
  { words: "postmark", path: "recipes/postmark" },
  { words: "mailgun", path: "recipes/mailgun" },
  { words: "sendgrid", path: "recipes/sendgrid" },
  { words: "brevo", path: "recipes/brevo" },
  { words: "resend", path: "recipes/resend" },
  { words: "mailtrap", path: "recipes/mailtrap" },
  { words: "fastmail", path: "recipes/fastmail" },
  { words: "bulk", path: "guide/06-many-messages" },
  { words: "queue", path: "guide/21-never-lose-a-mail" },
  { words: "debug", path: "guide/03-connection-options" },
  { words: "observability", path: "guide/17-watching" },
  { words: "oauth2", path: "guide/07-oauth2" },
  { words: "dkim", path: "guide/09-dkim" },
  { words: "attachment", path: "guide/10-attachments" },
];
