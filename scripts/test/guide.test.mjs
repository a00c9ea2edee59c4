// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { guideBlocks } from "../guide/pages.mjs";
import { preparePrograms } from "../guide/prepare.mjs";
import { runProgram } from "../guide/run-program.mjs";
import { openStage } from "../guide/stage.mjs";

const prepared = await preparePrograms(guideBlocks());

test("the guide has code to run", () => {
  assert.ok(prepared.programs.some(({ block }) => block.page.startsWith("docs/guide/")));
});

describe("code blocks of the guide", () => {
  /** @type {import("../guide/stage.mjs").Stage} */
  let stage;

  before(async () => {
    stage = await openStage({ webPort: 0 });
    prepared.addFiles(stage.files);
  });

  after(async () => {
    await stage.close();
    prepared.remove();
  });

  for (const program of prepared.programs) {
    test(program.name, async () => {
      const { problem } = await runProgram(program, stage);
      assert.equal(problem, "");
    });
  }
});
