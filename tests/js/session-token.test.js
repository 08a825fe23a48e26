import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { SessionToken } from "../../components/live/assets/session-token.js";

/** An app that accepts only the token *valid*, and records those that it gets. */
function app(valid) {
  const tokens = [];
  mock.method(globalThis, "fetch", async (_url, { headers }) => {
    tokens.push(headers["X-Live-Token"]);
    return new Response(headers["X-Live-Token"] === valid ? "yes" : "no", { status: headers["X-Live-Token"] === valid ? 200 : 401 });
  });
  return tokens;
}

async function passTime(milliseconds) {
  for (let elapsed = 0; elapsed < milliseconds; elapsed += 100) {
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    mock.timers.tick(100);
  }
}

beforeEach(() => {
  globalThis.document = { baseURI: "http://app/" };
  mock.timers.enable({ apis: ["setTimeout"] });
});
afterEach(() => {
  delete globalThis.document;
  mock.timers.reset();
  mock.restoreAll();
});

describe("SessionToken", () => {
  it("asks for nothing while it is valid", async () => {
    app("new");
    const token = new SessionToken();
    token.configure("new", assert.fail);

    assert.equal((await token.fetch("transcript")).status, 200);
  });

  it("makes the page run again, and repeats every waiting request with the new token", async () => {
    const tokens = app("new");
    const token = new SessionToken();
    let reruns = 0;
    token.configure("old", () => { reruns += 1; });
    const responses = Promise.all([token.fetch("transcript"), token.fetch("context-usage", { method: "POST" })]);
    await passTime(100);

    token.configure("new", assert.fail);

    assert.deepEqual((await responses).map(({ status }) => status), [200, 200]);
    assert.deepEqual(tokens, ["old", "old", "new", "new"]);
    assert.equal(reruns, 1);
  });

  it("asks again while Streamlit is still reconnecting", async () => {
    app("new");
    const token = new SessionToken();
    let reruns = 0;
    token.configure("old", () => {
      reruns += 1;
      if (reruns === 3) token.configure("new", assert.fail);
    });

    const response = token.fetch("transcript");
    await passTime(5_000);

    assert.equal((await response).status, 200);
    assert.equal(reruns, 3);
  });

  it("returns the refusal when no new token comes", async () => {
    app("new");
    const token = new SessionToken();
    token.configure("old", () => {});

    const response = token.fetch("transcript");
    await passTime(60_000);

    assert.equal((await response).status, 401);
  });

  it("returns the refusal at once when nothing can make the page run again", async () => {
    app("new");
    const token = new SessionToken("old");

    assert.equal((await token.fetch("transcript")).status, 401);
  });

  it("does not make the page run once the component is removed", async () => {
    app("new");
    const token = new SessionToken();
    token.configure("old", assert.fail);
    token.close();

    const response = token.fetch("transcript");
    await passTime(60_000);

    assert.equal((await response).status, 401);
  });
});
