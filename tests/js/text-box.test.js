import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countCharacters, excerptLength, ReplacementHistory } from "../../components/tokenview/assets/text-box.js";

describe("excerptLength", () => {
  for (const [name, text, expected] of [
    ["nothing", "", 0],
    ["a text that is not long", "x".repeat(100_000), 100_000],
    ["a long line", "x".repeat(100_001), 10_000],
    ["lines, of which it splits none", `${"x".repeat(99)}\n`.repeat(1_001), 10_000],
    ["lines that end a little earlier", `${"x".repeat(98)}\n`.repeat(1_100), 9_999],
    ["a line whose last break is too far away", `\n${"x".repeat(100_001)}`, 10_000],
    ["emoji that it would split", `x${"👩".repeat(60_000)}`, 9_999],
    ["emoji that it does not split", "👩".repeat(60_000), 10_000],
  ]) {
    it(`is right for ${name}`, () => assert.equal(excerptLength(text), expected));
  }
});

describe("countCharacters", () => {
  for (const [text, expected] of [["", 0], ["abc", 3], ["한글", 2], ["a👩b", 3], ["\ud83d", 1]]) {
    it(`counts ${JSON.stringify(text)} as the app does`, () => assert.equal(countCharacters(text), expected));
  }
});

describe("ReplacementHistory", () => {
  const [empty, first, second] = [{ shown: "", rest: "" }, { shown: "start", rest: "one" }, { shown: "start", rest: "two" }];
  const history = () => {
    const replacements = new ReplacementHistory();
    replacements.add(empty, first);
    replacements.add(first, second);
    return replacements;
  };

  it("returns the rest of the text before and after each replacement", () => {
    const replacements = history();

    assert.equal(replacements.restAfter(true, "start", "start"), "one");
    assert.equal(replacements.restAfter(true, "start", ""), "");
    assert.equal(replacements.restAfter(false, "", "start"), "one");
    assert.equal(replacements.restAfter(false, "start", "start"), "two");
  });

  it("leaves the rest when another edit is undone", () => {
    const replacements = history();

    assert.equal(replacements.restAfter(true, "start!", "start"), null);
    assert.equal(replacements.restAfter(true, "start", "start"), "one");
  });

  it("redoes nothing after another edit", () => {
    const replacements = history();
    replacements.restAfter(true, "start", "start");

    replacements.forgetUndone();

    assert.equal(replacements.restAfter(false, "start", "start"), null);
  });

  it("has nothing to undo at first", () => {
    assert.equal(new ReplacementHistory().restAfter(true, "a", ""), null);
  });
});
