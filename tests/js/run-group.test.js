import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { followGroup } from "../../components/compare/assets/run-group.js";
import { RequestError } from "../../components/live/assets/stream.js";
import { encode, respond, runClock, ScriptedApi } from "./scripted-api.js";

const START = { t: "start", started: ["a", "b"] };
const SUMMARY = { t: "summary", summary: {} };
const text = (run, number, content) => ({ run, t: "text", n: number, s: content });
const end = (run) => ({ run, t: "end", message: null });

/** Follow runs of the comparison "c", until they have ended. */
async function follow(api, { body, runs, limit } = {}) {
  const abort = new AbortController();
  const outcome = { events: [], disconnects: 0, ended: undefined, error: null };
  const onEvents = (events) => outcome.events.push(...events);
  const onDisconnect = () => { outcome.disconnects += 1; };
  followGroup(api, { path: "c", body, runs, signal: abort.signal }, onEvents, onDisconnect)
    .then((ended) => { outcome.ended = ended; return outcome; }, (error) => { outcome.error = error; return outcome; });
  await runClock(() => outcome.ended !== undefined || outcome.error, limit);
  return outcome;
}

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

describe("followGroup", () => {
  it("sends the prompt, and passes the events of all runs on until the summary", async () => {
    const events = [START, text("a", 1, "A"), text("b", 1, "B"), end("b"), end("a"), SUMMARY];
    const api = new ScriptedApi(() => respond([encode(events)]));

    const outcome = await follow(api, { body: { text: "hi" } });

    assert.equal(outcome.ended, true);
    assert.deepEqual(api.requests, [{ path: "c/run", body: { text: "hi" } }]);
    assert.deepEqual(outcome.events, events);
  });

  it("reconnects from where each run was, without those that have ended, and repeats nothing", async () => {
    const api = new ScriptedApi(
      () => respond([encode([START, text("a", 1, "A"), text("b", 3, "B"), end("b")])]),
      () => respond([encode([text("a", 1, "A"), text("a", 2, "a"), end("a"), SUMMARY])]),
    );

    const outcome = await follow(api, { body: { text: "hi" } });

    assert.equal(outcome.ended, true);
    assert.equal(outcome.disconnects, 1);
    assert.deepEqual(api.requests[1], { path: "c/stream?run=a:1", body: undefined });
    assert.deepEqual(outcome.events.filter(({ t }) => t === "text"), [text("a", 1, "A"), text("b", 3, "B"), text("a", 2, "a")]);
    assert.deepEqual(outcome.events.filter(({ t }) => t === "end"), [end("b"), end("a")]);
  });

  it("follows runs without sending anything", async () => {
    const api = new ScriptedApi(() => respond([encode([end("a"), end("b"), SUMMARY])]));

    await follow(api, { runs: ["a", "b"] });

    assert.deepEqual(api.requests, [{ path: "c/stream?run=a:0&run=b:0", body: undefined }]);
  });

  it("throws what the app says if the prompt could not be sent", async () => {
    const refusal = new RequestError("The prompt is empty", "Enter one.", 400);

    const { error, disconnects } = await follow(new ScriptedApi(refusal), { body: { text: "" } });

    assert.equal(error, refusal);
    assert.equal(disconnects, 0);
  });

  it("gives up if the app does not know the comparison any more", async () => {
    const gone = new RequestError("This comparison is no longer open", "", 400);
    const api = new ScriptedApi(() => respond([encode([START, text("a", 1, "A")])]), gone);

    const { ended } = await follow(api, { body: { text: "hi" } });

    assert.equal(ended, false);
    assert.equal(api.requests.length, 2);
  });
});
