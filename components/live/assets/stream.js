/** Talk to the app: JSON requests, and runs followed event by event through dropped connections. */

import { SessionToken } from "./session-token.js";

const SILENCE_MS = 25_000; // the app sends a tick every few seconds: longer silence means a dead connection
export const BACKOFF_MS = [200, 500, 1000, 2000, 4000, 8000];

/** A request that failed: what happened and what to do, as far as the app, or this page, could say. */
export class RequestError extends Error {
  /**
   * @param {string} title "" if the app gave no reason
   * @param {string} hint
   * @param {number|null} [status] of the HTTP response, null if there was none
   */
  constructor(title, hint, status = null) {
    super(title);
    this.title = title;
    this.hint = hint;
    this.status = status;
  }
}

/** The app's routes for this page. */
export class Api {
  /** @param {SessionToken} [token] */
  constructor(token = new SessionToken()) {
    this.token = token;
  }

  /**
   * @param {string} path
   * @param {{body?: object, signal?: AbortSignal}} [options] with a body it is a POST
   * @returns {Promise<Response>}
   * @throws {RequestError} if the app refuses
   */
  async open(path, { body, signal } = {}) {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const method = body === undefined ? "GET" : "POST";
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.token.fetch(path, { method, headers, body: payload, signal });
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  /** @returns {Promise<any>} */
  async get(path) {
    return (await this.open(path)).json();
  }

  /** @returns {Promise<any>} */
  async post(path, body = {}) {
    return (await this.open(path, { body })).json();
  }
}

async function errorOf(response) {
  const { title = "", hint = "" } = await response.json().catch(() => ({}));
  return new RequestError(title, hint, response.status);
}

/**
 * Read a response of one JSON object a line.
 * @param {Response} response
 * @param {() => void} onSilence called when the app has sent nothing for too long
 * @yields {object[]} the objects that arrived together, so that they are drawn together
 */
export async function* readBatches(response, onSilence) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder(); // the queues of a TextDecoderStream would delay each chunk
  let partialLine = "";
  for (;;) {
    const watchdog = setTimeout(onSilence, SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
    if (done) return;
    const lines = (partialLine + decoder.decode(value, { stream: true })).split("\n");
    partialLine = lines.pop();
    yield lines.filter((line) => line.trim()).map((line) => JSON.parse(line));
  }
}

/** What this browser has received of one run. */
class RunProgress {
  constructor(runId) {
    this.runId = runId;
    this.lastNumber = 0;
    this.ended = false;
    this.failures = 0;
  }

  /** Record *events*, and return them without those that a reconnect repeats. */
  accept(events) {
    this.failures = 0;
    return events.filter((event) => this.#isNew(event));
  }

  #isNew(event) {
    if (event.t === "start") this.runId = event.run;
    if (event.t === "end" || event.t === "error") this.ended = true;
    if (event.n === undefined) return true;
    if (event.n <= this.lastNumber) return false;
    this.lastNumber = event.n;
    return true;
  }
}

/**
 * Follow one run to its end, reconnecting when the connection breaks.
 * @param {Api} api
 * @param {{body?: object, runId?: string|null, signal: AbortSignal}} source a message to send, or a run to follow
 * @param {(events: object[]) => void} onEvents
 * @param {() => void} onDisconnect called each time the connection is lost
 * @returns {Promise<boolean>} whether the end arrived; if not, the transcript must be fetched again
 * @throws {RequestError} when a message could not be sent at all
 */
export async function followRun(api, { body, runId = null, signal }, onEvents, onDisconnect) {
  const progress = new RunProgress(runId);
  while (!progress.ended && progress.failures <= BACKOFF_MS.length && !signal.aborted) {
    const isUnsent = progress.runId === null;
    try {
      await readEvents(api, progress, { body, signal }, onEvents);
    } catch (error) {
      // Once the run has a number, a broken connection is no error: the app goes on with it.
      if (isUnsent && progress.runId === null) throw error;
      if (error.status >= 400 && error.status < 500) break;
    }
    if (progress.ended || signal.aborted) break;
    if (progress.runId === null) throw new RequestError("", "");
    onDisconnect();
    await pause(BACKOFF_MS[Math.min(progress.failures, BACKOFF_MS.length - 1)], signal);
    progress.failures += 1;
  }
  return progress.ended;
}

/** Read the events of one connection. */
async function readEvents(api, progress, { body, signal }, onEvents) {
  const connection = new AbortController();
  const abort = () => connection.abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const { runId, lastNumber } = progress;
    const path = runId === null ? "send" : `runs/${encodeURIComponent(runId)}?after=${lastNumber}`;
    const payload = runId === null ? body : undefined;
    const response = await api.open(path, { body: payload, signal: connection.signal });
    for await (const events of readBatches(response, abort)) {
      onEvents(progress.accept(events));
      if (progress.ended) return;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    abort();
  }
}

export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
