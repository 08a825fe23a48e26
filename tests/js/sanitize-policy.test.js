import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createTranslator } from "../../components/live/assets/labels.js";
import {
  filterAttribute, filterMathAttribute, HIGHLIGHT_CONFIG, isCodeLanguage, languageClass, languageOfClass, linkProperties, MATH_CLASS, MATH_CONFIG, MESSAGE_CONFIG,
} from "../../components/live/assets/sanitize-policy.js";

const t = createTranslator();

describe("the policy for messages", () => {
  for (const url of ["http://a.b", "https://a.b/c?d#e", "HTTPS://A.B", "mailto:a@b.c"]) {
    it(`allows links to ${url}`, () => assert.match(url, MESSAGE_CONFIG.ALLOWED_URI_REGEXP));
  }

  for (const url of [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//a.b", "/local", "a.html", "",
    "x-https://a.b", "http:a.b",
  ]) {
    it(`removes links to ${JSON.stringify(url)}`, () => assert.doesNotMatch(url, MESSAGE_CONFIG.ALLOWED_URI_REGEXP));
  }

  it("allows no tag that runs, loads, submits or styles anything", () => {
    const harmful = [
      "audio", "base", "button", "embed", "form", "iframe", "img", "input", "link", "math", "meta", "object", "picture", "script", "source",
      "style", "svg", "template", "textarea", "video",
    ];

    assert.deepEqual(MESSAGE_CONFIG.ALLOWED_TAGS.filter((tag) => harmful.includes(tag)), []);
  });

  it("allows no attribute that runs, loads, styles or names anything", () => {
    assert.deepEqual(MESSAGE_CONFIG.ALLOWED_ATTR.filter((name) => /^(on.*|src.*|style|id|name|action|target|data.*|aria.*)$/.test(name)), []);
    assert.equal(MESSAGE_CONFIG.ALLOW_DATA_ATTR, false);
    assert.equal(MESSAGE_CONFIG.ALLOW_ARIA_ATTR, false);
  });

  it("checks every allowed attribute that can hold a URL", () => {
    assert.ok(!MESSAGE_CONFIG.ADD_URI_SAFE_ATTR.includes("href"));
  });

  it("lets a formula neither link nor style anything", () => {
    assert.deepEqual(MATH_CONFIG.USE_PROFILES, { mathMl: true });
    assert.deepEqual(["href", "xlink:href", "id", "style"].filter((name) => !MATH_CONFIG.FORBID_ATTR.includes(name)), []);
  });

  it("lets a formula have no classes but those that align columns", () => {
    const kept = ["tml-left", "tml-right", "message", "tml-left message", ""].filter((attrValue) => {
      const attribute = { attrName: "class", attrValue, keepAttr: true };
      filterMathAttribute(null, attribute);
      return attribute.keepAttr;
    });
    assert.deepEqual(kept, ["tml-left", "tml-right"]);
  });

  it("lets the highlighter write nothing but classed spans", () => {
    assert.deepEqual([HIGHLIGHT_CONFIG.ALLOWED_TAGS, HIGHLIGHT_CONFIG.ALLOWED_ATTR], [["span"], ["class"]]);
  });
});

describe("filterAttribute", () => {
  const keeps = (attrName, attrValue, keepAttr = true) => {
    const attribute = { attrName, attrValue, keepAttr };
    filterAttribute(null, attribute);
    return attribute.keepAttr;
  };

  for (const value of ["image-link", ...Object.values(MATH_CLASS), "language-python", "language-c++", "language-objective-c", "language-f#"]) {
    it(`keeps class ${value}`, () => assert.equal(keeps("class", value), true));
  }

  for (const value of ["", "message", "image-link message", "language-", "language-a b", `language-${"x".repeat(31)}`, "xlanguage-a", "language-a\n"]) {
    it(`removes class ${JSON.stringify(value)}`, () => assert.equal(keeps("class", value), false));
  }

  it("leaves other attributes to DOMPurify", () => {
    assert.deepEqual([keeps("href", "x", true), keeps("href", "x", false)], [true, false]);
  });
});

describe("languageOfClass", () => {
  it("is the inverse of languageClass", () => {
    assert.equal(languageOfClass(languageClass("c++")), "c++");
  });

  it("is empty for other classes", () => {
    assert.deepEqual(["", "image-link", "x-language-a"].map(languageOfClass), ["", "", ""]);
  });
});

describe("isCodeLanguage", () => {
  for (const name of ["", 'x"', "a b", "<b>", "x".repeat(31), "é"]) {
    it(`is false for ${JSON.stringify(name)}`, () => assert.equal(isCodeLanguage(name), false));
  }
});

describe("linkProperties", () => {
  it("opens a link outside the app, and shows where it goes", () => {
    assert.deepEqual(linkProperties("https://a.b", t), {
      title: "https://a.b", target: "_blank", rel: "noopener noreferrer nofollow",
    });
  });

  it("says why a link was removed", () => {
    assert.deepEqual(linkProperties(null, t), { title: t("linkRemoved") });
  });
});
