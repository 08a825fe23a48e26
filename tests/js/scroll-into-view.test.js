import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { scrollIntoView } from "../../components/ui/assets/scroll-into-view.js";

/** @returns {number} how often a page of 800 pixels is scrolled to an element at *top* */
function scrollsTo(top, height) {
  let count = 0;
  const getBoundingClientRect = () => ({ top, bottom: top + height, height });
  scrollIntoView({ getBoundingClientRect, scrollIntoView: () => { count += 1; } });
  return count;
}

describe("scrollIntoView", () => {
  before(() => { globalThis.innerHeight = 800; });
  after(() => { delete globalThis.innerHeight; });

  for (const [name, top, height, expected] of [
    ["below the window", 900, 500, 1],
    ["above the window", -700, 500, 1],
    ["of which only the beginning is visible", 700, 500, 1],
    ["that is visible", 200, 500, 0],
    ["that is visible to a good part", 400, 2_000, 0],
    ["that is small and visible", 750, 40, 0],
  ]) {
    it(`scrolls ${expected ? "" : "nothing "}to an element ${name}`, () => assert.equal(scrollsTo(top, height), expected));
  }
});
