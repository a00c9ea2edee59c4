import assert from "node:assert/strict";
import { test } from "node:test";
import { mediaTypeOf } from "../../../src/message/files/media-types.js";

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

test("the types are those of the package mime, among them several endings of one type, and endings that are the subtype", () => {
  const types = {
    "a.jpg": "image/jpeg",
    "a.JPE": "image/jpeg",
    "a.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "a.heic": "image/heic",
    "a.eml": "message/rfc822",
    "a.mjs": "text/javascript",
    "a.csv": "text/csv",
    "a.m3u8": "application/vnd.apple.mpegurl",
  };
  for (const [name, type] of Object.entries(types)) assert.equal(mediaTypeOf(name), type, name);
});
