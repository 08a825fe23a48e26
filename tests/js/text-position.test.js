import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { renderedRange, sourcePosition } from "../../components/live/assets/text-position.js";

const SOURCE = "# The list\n\nA **list** is a [sequence](https://example.com/list), a `tuple` too. 튜플은 바뀌지 않습니다.";
const RENDERED = "The list\nA list is a sequence, a tuple too. 튜플은 바뀌지 않습니다.";

describe("sourcePosition", () => {
  for (const word of ["sequence", "tuple", "바뀌지"]) {
    it(`is where ${word} is in the Markdown`, () => {
      assert.equal(sourcePosition(SOURCE, RENDERED, RENDERED.indexOf(word) + 1), SOURCE.indexOf(word));
    });
  }

  it("tells the second occurrence of a word from the first", () => {
    assert.equal(sourcePosition(SOURCE, RENDERED, RENDERED.lastIndexOf("list") + 1), SOURCE.indexOf("**list") + 2);
  });

  it("is null where there is no word", () => {
    assert.equal(sourcePosition("***", "", 0), null);
  });
});

describe("renderedRange", () => {
  it("covers the words of a piece of the Markdown", () => {
    const start = SOURCE.indexOf("**list");
    const { start: from, end } = renderedRange(SOURCE, RENDERED, start, start + "**list** is".length);

    assert.equal(RENDERED.slice(from, end), "list is");
  });

  it("covers part of a word, as tokens are", () => {
    const start = SOURCE.indexOf("uple");
    const { start: from, end } = renderedRange(SOURCE, RENDERED, start, start + 4);

    assert.equal(RENDERED.slice(from, end), "uple");
  });

  it("is null for punctuation, which Markdown may hide", () => {
    assert.equal(renderedRange(SOURCE, RENDERED, 0, 2), null);
  });
});
