import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";

const COMPONENTS = new URL("../../components/", import.meta.url);
// Fetched by the first code block, and by the panel with the request.
const LATER = ["./vendor/highlight.js", "./call-panel.js", "./event-list.js", "./text-position.js"];

/** The addresses in the import statements of a script, without those that it imports while it runs. */
function importsOf(script) {
  return [...readFileSync(script, "utf8").matchAll(/^import (?:[^;]*? from )?"([^"]+)";/gm)].map(([, path]) => path);
}

function scriptsOf(folder) {
  return readdirSync(folder).filter((name) => name.endsWith(".js"));
}

describe("the scripts of the components", () => {
  // The app serves components/<name>/assets as /<name>/assets, so that an import means the same file in both places.
  it("import only files that are there", () => {
    const missing = ["compare", "live", "tokenview"].flatMap((component) => {
      const folder = new URL(`${component}/assets/`, COMPONENTS);
      return scriptsOf(folder).flatMap((name) => importsOf(new URL(name, folder))
        .filter((path) => !existsSync(new URL(path, folder)))
        .map((path) => `${component}/${name}: ${path}`));
    });

    assert.deepEqual(missing, []);
  });

  // Else the browser fetches one after the other: each import is known only when the script before it has arrived.
  it("are all named by the entry of the live component", () => {
    const folder = new URL("live/assets/", COMPONENTS);
    const vendored = scriptsOf(new URL("vendor/", folder)).map((name) => `vendor/${name}`);
    const expected = [...scriptsOf(folder), ...vendored].map((name) => `./${name}`).filter((path) => path !== "./live.js" && !LATER.includes(path));

    assert.deepEqual(importsOf(new URL("live.js", folder)).toSorted(), expected.toSorted());
  });
});
