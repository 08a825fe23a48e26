import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasLongLine } from "../../components/tokenview/assets/long-lines.js";

const LINE = "x".repeat(50_000);

describe("long lines", () => {
  it("finds a line that is too long to wrap, wherever it is", () => {
    for (const text of [`${LINE}x`, `a\n${LINE}x`, `${LINE}x\nb`, `a\n${LINE}x\nb`]) assert.equal(hasLongLine(text), true);
  });

  it("wraps everything else, however long the text", () => {
    for (const text of ["", "\n", LINE, `${LINE}\n${LINE}\n`.repeat(4), "a\n".repeat(100_000)]) assert.equal(hasLongLine(text), false);
  });
});
