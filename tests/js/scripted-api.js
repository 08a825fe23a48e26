/** A stand-in for the app's routes, whose connections a test scripts, with a clock that runs on its own. */

import { setImmediate as nextTurn } from "node:timers/promises";
import { mock } from "node:test";
import { Api } from "../../components/live/assets/stream.js";

export const encode = (events) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

/** A response that delivers *pieces*, and then ends, or stays open until the request is aborted. */
export function respond(pieces, { signal, staysOpen = false } = {}) {
  const encoder = new TextEncoder();
  return new Response(new ReadableStream({
    start(controller) {
      signal?.addEventListener("abort", () => controller.error(signal.reason));
      for (const piece of pieces) controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      if (!staysOpen) controller.close();
    },
  }));
}

/** An API each of whose connections is the next of *connections*: a function of the request, or an error to throw. */
export class ScriptedApi extends Api {
  constructor(...connections) {
    super();
    this.connections = connections;
    this.requests = [];
  }

  async open(path, { body, signal } = {}) {
    this.requests.push({ path, body });
    const connection = this.connections.shift();
    if (connection instanceof Error) throw connection;
    return connection(signal);
  }
}

/** Let the clock run until *isOver* or *limit* ms have passed. It must be a mocked one. */
export async function runClock(isOver, limit = 120_000) {
  for (let elapsed = 0; elapsed < limit && !isOver(); elapsed += 100) {
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    mock.timers.tick(100);
  }
}
