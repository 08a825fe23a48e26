import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTranslator } from "../../components/live/assets/labels.js";
import { describeRange, describeSpan, visibleCharacters } from "../../components/tokenview/assets/token-pane.js";

const t = createTranslator();

describe("visibleCharacters", () => {
  for (const [name, text, expected] of [
    ["a word", "hello", ["hello"]],
    ["Korean letters", "안녕", ["안녕"]],
    ["a space before a word", " a", [{ symbol: "·" }, "a"]],
    ["a line break, which still breaks the line", "a\n", ["a", { symbol: "↵" }, "\n"]],
    ["a Windows line break", "\r\n", [{ symbol: "␍" }, { symbol: "↵" }, "\n"]],
    ["a tab", "\t", [{ symbol: "→" }]],
    ["a no-break space", "\u00a0", [{ symbol: "⍽" }]],
    ["an ideographic space", "\u3000", [{ symbol: "U+3000" }]],
    ["a zero-width space", "a\u200bb", ["a", { symbol: "U+200B" }, "b"]],
    ["a character that reverses the text", "\u202e", [{ symbol: "U+202E" }]],
    ["a control character", "\u0000", [{ symbol: "U+0000" }]],
    ["a Hangul filler", "\u3164", [{ symbol: "U+3164" }]],
    ["a tag character beyond the basic plane", "\u{e0041}", [{ symbol: "U+E0041" }]],
    ["an emoji with a variation selector", "❤\ufe0f", ["❤", "\ufe0f"]],
    ["a family of emoji", "👨\u200d👩", ["👨", "\u200d", "👩"]],
    ["a joiner alone", "\u200d", [{ symbol: "U+200D" }]],
    ["HTML, which stays text", "<img src=x onerror=alert(1)>", ["<img", { symbol: "·" }, "src=x", { symbol: "·" }, "onerror=alert(1)>"]],
  ]) {
    it(`shows ${name}`, () => assert.deepEqual(merge(visibleCharacters(text, [])), merge(expected)));
  }

  it("shows the bytes of what is not a whole character", () => {
    assert.deepEqual(visibleCharacters(null, ["eb", "b7 81"]), [{ symbol: "⟨eb b7 81⟩" }]);
  });

  it("loses nothing of a text but what a symbol stands for", () => {
    const text = " a\u200b\u00a0b\t👋🏽";

    const parts = visibleCharacters(text, []).map((part) => (typeof part === "string" ? part : "_"));

    assert.equal(parts.join(""), "_a__b_👋🏽");
  });

  /** Join neighbouring texts: into how many strings a text is split does not matter. */
  function merge(parts) {
    const merged = [];
    for (const part of parts) {
      if (typeof part === "string" && typeof merged.at(-1) === "string") merged.push(merged.pop() + part);
      else merged.push(part);
    }
    return merged;
  }
});

describe("describeSpan", () => {
  const page = {
    at: 10,
    spans: [
      ["a", [1], ["61"], false],
      ["뷁", [2, 3], ["eb b7", "81"], false],
      [" \"b\"", [4], ["20 22 62 22"], true],
      [null, [5], ["ff"], false],
    ],
  };

  it("counts tokens from 1, those of earlier pages included", () => {
    assert.match(describeSpan(page, 0, t), /^Token 11: "a" · ids? 1 · bytes 61$/i);
  });

  it("describes tokens together that only together are a character", () => {
    const description = describeSpan(page, 1, t);

    assert.match(description, /^Tokens 12 to 13\b/);
    assert.match(description, /"뷁" · ids 2, 3 · bytes eb b7 \| 81$/i);
  });

  it("quotes the text, and says that the other encoding splits it differently", () => {
    const description = describeSpan(page, 2, t);

    assert.match(description, /^Token 14: " \\"b\\""/);
    assert.equal(description, t("tokenSplitDiffers", { details: describeSpan({ ...page, spans: [...page.spans.slice(0, 2), [" \"b\"", [4], ["20 22 62 22"], false]] }, 2, t) }));
  });

  it("says of bytes alone that they are not a character", () => {
    assert.ok(describeSpan(page, 3, t).includes(t("incompleteCharacter")));
  });
});

describe("describeRange", () => {
  for (const [page, length, expected] of [
    [{ at: 0, total: 1 }, 1, "1 token"],
    [{ at: 0, total: 0 }, 0, "0 tokens"],
    [{ at: 0, total: 1234 }, 1234, "1,234 tokens"],
    [{ at: 0, total: 160_000 }, 500, "tokens 1 to 500 of 160,000"],
    [{ at: 159_500, total: 160_000 }, 500, "tokens 159,501 to 160,000 of 160,000"],
  ]) {
    it(`is "${expected}"`, () => assert.equal(describeRange(page, length, t), expected));
  }
});
