// @ts-check
/**
 * Every module that a package exports: the reference has a section for each.
 */

/** Sources by the name of the module, from the root. */
export const ENTRIES = {
  postrider: "packages/postrider/src/index.ts",
  "postrider/providers": "packages/postrider/src/providers.ts",
  "postrider/wire": "packages/postrider/src/wire.ts",
  "@postrider/inbox": "packages/inbox/src/index.ts",
  "@postrider/inbox/command": "packages/inbox/src/command/index.ts",
  "@postrider/inbox/session": "packages/inbox/src/session.ts",
  "@postrider/outbox": "packages/outbox/src/index.ts",
  "@postrider/nodemailer": "packages/nodemailer/src/index.ts",
};
