import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSendKey } from "../../components/live/assets/dom.js";

describe("isSendKey", () => {
  const enter = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };

  for (const [name, event, expected] of [
    ["Enter", {}, true],
    ["Shift+Enter", { shiftKey: true }, false],
    ["the Enter that ends a composition", { isComposing: true }, false],
    ["the same Enter in Safari", { keyCode: 229 }, false],
    ["another key", { key: "a" }, false],
  ]) {
    it(`is ${expected} for ${name}`, () => assert.equal(isSendKey({ ...enter, ...event }), expected));
  }
});
