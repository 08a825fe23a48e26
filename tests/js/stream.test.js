import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { SessionToken } from "../../components/live/assets/session-token.js";
import { Api, followRun, RequestError } from "../../components/live/assets/stream.js";
import { encode, respond, runClock, ScriptedApi } from "./scripted-api.js";

const START = { t: "start", run: "r1" };
const END = { t: "end", message: null };
const text = (number, content) => ({ t: "text", n: number, s: content });

/** Follow a run, and let the clock run until it ends or *limit* ms are over. */
async function follow(api, { body, runId, limit = 120_000 } = {}) {
  const abort = new AbortController();
  const outcome = { events: [], disconnects: 0, ended: undefined, error: null, abort };
  const onEvents = (events) => outcome.events.push(...events);
  const following = followRun(api, { body, runId, signal: abort.signal }, onEvents, () => { outcome.disconnects += 1; })
    .then((ended) => { outcome.ended = ended; return outcome; }, (error) => { outcome.error = error; return outcome; });
  await runClock(() => outcome.ended !== undefined || outcome.error, limit);
  outcome.following = following;
  return outcome;
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

describe("followRun", () => {
  it("sends the message, and passes its events on until the end", async () => {
    const api = new ScriptedApi(() => respond([encode([START, text(1, "Hel"), text(2, "lo"), END])]));

    const { ended, events } = await follow(api, { body: { text: "hi" } });

    assert.equal(ended, true);
    assert.deepEqual(api.requests, [{ path: "send", body: { text: "hi" } }]);
    assert.deepEqual(events, [START, text(1, "Hel"), text(2, "lo"), END]);
  });

  it("follows a run without sending anything", async () => {
    const api = new ScriptedApi(() => respond([encode([END])]));

    await follow(api, { runId: "r/1" });

    assert.deepEqual(api.requests, [{ path: "runs/r%2F1?after=0", body: undefined }]);
  });

  for (const size of [1, 2, 7]) {
    it(`puts lines together that arrive in pieces of ${size} bytes`, async () => {
      const bytes = new TextEncoder().encode(encode([START, text(1, "안녕 👋🏽"), END]));
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.slice(index * size, (index + 1) * size));

      const { events } = await follow(new ScriptedApi(() => respond(pieces)), { body: {} });

      assert.deepEqual(events, [START, text(1, "안녕 👋🏽"), END]);
    });
  }

  it("passes on together what arrives together", async () => {
    const api = new ScriptedApi(() => respond([encode([START, text(1, "a"), text(2, "b")]), encode([END])]));
    const batches = [];

    await followRun(api, { body: {}, signal: new AbortController().signal }, (events) => batches.push(events.length), () => {});

    assert.deepEqual(batches, [3, 1]);
  });

  it("ignores empty lines", async () => {
    const { events } = await follow(new ScriptedApi(() => respond([`\n${encode([START])}\n \n${encode([END])}`])), { body: {} });

    assert.deepEqual(events, [START, END]);
  });

  it("reconnects after the last event, and drops what is repeated", async () => {
    const api = new ScriptedApi(
      () => respond([encode([START, text(1, "a"), text(2, "b")])]),
      () => respond([encode([text(2, "b"), text(3, "c"), END])]),
    );

    const { ended, events, disconnects } = await follow(api, { body: {} });

    assert.equal(ended, true);
    assert.deepEqual(api.requests.map(({ path }) => path), ["send", "runs/r1?after=2"]);
    assert.deepEqual(events, [START, text(1, "a"), text(2, "b"), text(3, "c"), END]);
    assert.equal(disconnects, 1);
  });

  it("ends with an error event", async () => {
    const { ended } = await follow(new ScriptedApi(() => respond([encode([START, { t: "error", title: "x", hint: "y" }])])), { body: {} });

    assert.equal(ended, true);
  });

  it("reconnects when the app has sent nothing for 25 seconds", async () => {
    const api = new ScriptedApi(
      (signal) => respond([encode([START])], { signal, staysOpen: true }),
      () => respond([encode([END])]),
    );

    const early = await follow(api, { body: {}, limit: 24_000 });
    assert.equal(early.disconnects, 0);
    for (let second = 0; second < 3; second += 1) {
      mock.timers.tick(1000);
      for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    }

    assert.equal((await early.following).ended, true);
    assert.equal(early.disconnects, 1);
  });

  it("fails when the message is refused", async () => {
    const refusal = new RequestError("No model", "Choose one.", 400);

    assert.equal((await follow(new ScriptedApi(refusal), { body: {} })).error, refusal);
  });

  it("fails without reconnecting when the connection breaks before the run has an id", async () => {
    const api = new ScriptedApi(() => respond([]));

    const { error } = await follow(api, { body: {} });

    assert.ok(error instanceof RequestError);
    assert.equal(api.requests.length, 1);
  });

  it("does not reconnect to a run that the app refuses to show", async () => {
    const api = new ScriptedApi(() => respond([encode([START])]), new RequestError("Over", "", 404));

    const { ended, error } = await follow(api, { body: {} });

    assert.deepEqual([ended, error, api.requests.length], [false, null, 2]);
  });

  it("reconnects after a fault of the app", async () => {
    const api = new ScriptedApi(() => respond([encode([START])]), new RequestError("", "", 500), () => respond([encode([END])]));

    assert.equal((await follow(api, { body: {} })).ended, true);
  });

  it("gives up after six attempts to reconnect", async () => {
    const api = new ScriptedApi(() => respond([encode([START])]), ...Array.from({ length: 20 }, () => new TypeError("offline")));

    const { ended } = await follow(api, { body: {} });

    assert.equal(ended, false);
    assert.equal(api.requests.length, 1 + 6);
  });

  it("goes on reconnecting as long as each connection brings an event", async () => {
    const connections = Array.from({ length: 20 }, (_, index) => () => respond([encode([text(index + 1, "x")])]));
    const api = new ScriptedApi(...connections, () => respond([encode([END])]));

    const { ended, events } = await follow(api, { runId: "r1" });

    assert.equal(ended, true);
    assert.equal(events.length, 21);
  });

  it("stops at once when it is aborted while it waits", async () => {
    const api = new ScriptedApi(() => respond([encode([START])]), () => respond([encode([END])]));
    const outcome = await follow(api, { body: {}, limit: 100 });

    outcome.abort.abort();

    assert.equal((await outcome.following).ended, false);
    assert.equal(api.requests.length, 1);
  });
});

describe("Api", () => {
  let requests;

  /** Have every request answered with *response*. */
  function answer(response) {
    requests = [];
    mock.method(globalThis, "fetch", async (url, options) => {
      requests.push({ url: String(url), ...options });
      return response;
    });
  }

  beforeEach(() => { globalThis.document = { baseURI: "http://app/base/chat" }; });
  afterEach(() => {
    delete globalThis.document;
    mock.restoreAll();
  });

  it("sends its token to the routes below the page's folder", async () => {
    answer(Response.json({ messages: [] }));

    assert.deepEqual(await new Api(new SessionToken("secret")).get("transcript?conversation=c"), { messages: [] });

    assert.equal(requests[0].url, "http://app/base/live/transcript?conversation=c");
    assert.equal(requests[0].method, "GET");
    assert.deepEqual(requests[0].headers, { "X-Live-Token": "secret" });
  });

  it("posts JSON", async () => {
    answer(Response.json({}));

    await new Api(new SessionToken("secret")).post("estimate", { text: "안녕" });

    assert.deepEqual([requests[0].method, requests[0].body], ["POST", '{"text":"안녕"}']);
    assert.equal(requests[0].headers["Content-Type"], "application/json");
  });

  it("throws what the app says when it refuses", async () => {
    answer(Response.json({ title: "No model", hint: "Choose one." }, { status: 409 }));

    await assert.rejects(new Api().get("transcript"), { title: "No model", hint: "Choose one.", status: 409 });
  });

  it("throws the status alone when the app gives no reason", async () => {
    answer(new Response("<h1>Bad gateway</h1>", { status: 502 }));

    await assert.rejects(new Api().get("transcript"), { title: "", hint: "", status: 502 });
  });
});
