/** Follow the runs of all variants over one connection, event by event, through dropped connections. */

import { BACKOFF_MS, pause, readBatches, RequestError } from "../../live/assets/stream.js";

/** What this browser has received of the runs that it follows. */
class GroupProgress {
  constructor(runIds) {
    this.positions = new Map(runIds.map((runId) => [runId, 0]));
    this.isConfirmed = runIds.length > 0;
    this.ended = false;
    this.failures = 0;
  }

  /** Record *events*, and return them without those that a reconnect repeats. */
  accept(events) {
    this.failures = 0;
    return events.filter((event) => this.#isNew(event));
  }

  #isNew(event) {
    if (event.t === "start") this.#confirm(event.started);
    if (event.t === "summary") this.ended = true;
    if (event.n === undefined) return this.#isNotRepeated(event);
    if (event.n <= (this.positions.get(event.run) ?? Infinity)) return false;
    this.positions.set(event.run, event.n);
    return true;
  }

  #isNotRepeated(event) {
    return event.t !== "end" || this.positions.delete(event.run);
  }

  #confirm(runIds) {
    this.isConfirmed = true;
    for (const runId of runIds) this.positions.set(runId, 0);
  }

  get query() {
    return [...this.positions].map(([runId, after]) => `run=${encodeURIComponent(runId)}:${after}`).join("&");
  }
}

/**
 * Follow runs to their end, reconnecting when the connection breaks.
 * @param {import("../../live/assets/stream.js").Api} api
 * @param {{path: string, body?: object, runs?: string[], signal: AbortSignal}} source a prompt to send, or runs to follow
 * @param {(events: object[]) => void} onEvents
 * @param {() => void} onDisconnect called each time the connection is lost
 * @returns {Promise<boolean>} whether all ends arrived; if not, the comparison must be fetched again
 * @throws {RequestError} when the prompt could not be sent
 */
export async function followGroup(api, { path, body, runs = [], signal }, onEvents, onDisconnect) {
  const progress = new GroupProgress(runs);
  while (!progress.ended && progress.failures <= BACKOFF_MS.length && !signal.aborted) {
    try {
      await readGroup(api, progress, { path, body, signal }, onEvents);
    } catch (error) {
      // Once the runs are known, a broken connection is no error: the app goes on with them.
      if (!progress.isConfirmed) throw error;
      if (error.status >= 400 && error.status < 500) break;
    }
    if (progress.ended || signal.aborted) break;
    if (!progress.isConfirmed) throw new RequestError("", "");
    onDisconnect();
    await pause(BACKOFF_MS[Math.min(progress.failures, BACKOFF_MS.length - 1)], signal);
    progress.failures += 1;
  }
  return progress.ended;
}

/** Read the events of one connection. */
async function readGroup(api, progress, { path, body, signal }, onEvents) {
  const connection = new AbortController();
  const abort = () => connection.abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const request = progress.isConfirmed ? [`${path}/stream?${progress.query}`, {}] : [`${path}/run`, { body }];
    const response = await api.open(request[0], { ...request[1], signal: connection.signal });
    for await (const events of readBatches(response, abort)) {
      onEvents(progress.accept(events));
      if (progress.ended) return;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    abort();
  }
}
