import assert from "node:assert/strict";
import { test } from "node:test";
import { mediaTypeOf } from "../../src/message/media-types.js";

test("the ending of a file name tells its type, in any letter case", () => {
  assert.equal(mediaTypeOf("report.PDF"), "application/pdf");
  assert.equal(mediaTypeOf("a.b.tar.gz"), "application/gzip");
  assert.equal(mediaTypeOf("photo.jpeg"), "image/jpeg");
  assert.equal(mediaTypeOf("invite.ics"), "text/calendar");
});

test("an ending that says nothing gives nothing", () => {
  for (const name of ["README", "archive.", "x.unknown", "", "x.constructor", "x.__proto__"]) {
    assert.equal(mediaTypeOf(name), undefined);
  }
});
