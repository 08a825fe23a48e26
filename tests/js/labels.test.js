import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { createTranslator, ENGLISH } from "../../components/live/assets/labels.js";

const FOLDERS = ["compare", "live", "tokenview", "ui"].map((name) => new URL(`../../components/${name}/assets/`, import.meta.url));
const SOURCES = FOLDERS.flatMap((folder) => readdirSync(folder)
  .filter((name) => name.endsWith(".js") && name !== "labels.js")
  .map((name) => readFileSync(new URL(name, folder), "utf8")));

describe("createTranslator", () => {
  it("fills the placeholders", () => {
    const t = createTranslator({ greeting: "{name} has {count} of {count}" });

    assert.equal(t("greeting", { name: "Ada", count: 0 }), "Ada has 0 of 0");
  });

  it("leaves a placeholder without a value as it is", () => {
    assert.equal(createTranslator({ greeting: "Hello {name}" })("greeting"), "Hello {name}");
  });

  it("does not fill placeholders inside a value", () => {
    const t = createTranslator({ pair: "{first} {second}" });

    assert.equal(t("pair", { first: "{second} $&", second: "b" }), "{second} $& b");
  });

  it("prefers the texts of the page", () => {
    const t = createTranslator({ send: "Senden" });

    assert.deepEqual([t("send"), t("stop")], ["Senden", ENGLISH.stop]);
  });
});

describe("the table of labels", () => {
  it("has every label that a script asks for", () => {
    const used = SOURCES.flatMap((source) => [...source.matchAll(/\bt\("(\w+)"/g)].map(([, key]) => key));

    assert.ok(used.length > 50);
    assert.deepEqual(used.filter((key) => !(key in ENGLISH)), []);
  });

  it("has no label that no script names", () => {
    const named = (key) => SOURCES.some((source) => source.includes(`"${key}"`));

    assert.deepEqual(Object.keys(ENGLISH).filter((key) => !named(key)), []);
  });
});
