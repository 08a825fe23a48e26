/** Talk to the app: JSON calls, and runs followed line by line through dropped connections. */

const SILENCE_MS = 25_000; // the server sends a tick every few seconds: longer silence means a dead connection
const BACKOFF_MS = [200, 500, 1000, 2000, 4000, 8000];

/** What happened and what to do, said by the server or by us before a reply could start. */
export class StartError extends Error {
  constructor(title, hint) {
    super(title);
    this.hint = hint;
  }
}

export class Api {
  /** @param {string} token the page's unguessable permission to use these routes */
  constructor(token) {
    this.token = token;
  }

  /** @returns {Promise<Response>} */
  async open(path, { body, signal } = {}) {
    const headers = { "X-Live-Token": this.token };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const method = body === undefined ? "GET" : "POST";
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const url = new URL(`live/${path}`, document.baseURI);
    const response = await fetch(url, { method, headers, body: payload, signal, cache: "no-store" });
    if (!response.ok) throw await refusal(response);
    return response;
  }

  async get(path) {
    return (await this.open(path)).json();
  }

  async post(path, body = {}) {
    return (await this.open(path, { body })).json();
  }
}

async function refusal(response) {
  const said = await response.json().catch(() => ({}));
  const error = new StartError(said.title ?? `The app answered ${response.status}.`, said.hint ?? "");
  error.status = response.status;
  return error;
}

/** Yield arrays of parsed lines, one array for each piece that the network delivers. */
async function* batches(response, abort) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let partial = "";
  for (;;) {
    const watchdog = setTimeout(abort, SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(watchdog));
    if (done) return;
    const lines = (partial + value).split("\n");
    partial = lines.pop();
    yield lines.filter((line) => line.trim()).map((line) => JSON.parse(line));
  }
}

/** One run as this browser has seen it so far. */
class Progress {
  constructor(run) {
    this.run = run;
    this.seen = 0;
    this.over = false;
    this.failures = 0;
  }

  /** Note what *events* tell, and drop those that a reconnect repeats. */
  fresh(events) {
    this.failures = 0;
    return events.filter((event) => this.#note(event));
  }

  #note(event) {
    if (event.t === "start") this.run = event.run;
    if (event.t === "end" || event.t === "error") this.over = true;
    if (event.n === undefined) return true;
    if (event.n <= this.seen) return false;
    this.seen = event.n;
    return true;
  }
}

/**
 * Follow one run to its end, reconnecting when the connection breaks.
 * @param {Api} api
 * @param {{body?: object, run?: string, signal: AbortSignal}} source a message to send, or a run to join
 * @param {(events: object[]) => void} onEvents
 * @param {() => void} onBreak called each time the connection is lost
 * @returns {Promise<boolean>} whether the end was seen; if not, the transcript must be fetched again
 * @throws {StartError} when a message could not be sent at all
 */
export async function follow(api, { body, run, signal }, onEvents, onBreak) {
  const progress = new Progress(run ?? null);
  while (!progress.over && progress.failures <= BACKOFF_MS.length && !signal.aborted) {
    const first = progress.run === null;
    try {
      await readOnce(api, progress, { body, signal }, onEvents);
    } catch (error) {
      if (first && progress.run === null) throw error;
      if (error.status >= 400 && error.status < 500) break;
    }
    if (progress.over || signal.aborted) break;
    if (progress.run === null) throw new StartError("", "");
    onBreak();
    await pause(BACKOFF_MS[Math.min(progress.failures, BACKOFF_MS.length - 1)], signal);
    progress.failures += 1;
  }
  return progress.over;
}

async function readOnce(api, progress, { body, signal }, onEvents) {
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const path = progress.run === null ? "send" : `runs/${encodeURIComponent(progress.run)}?after=${progress.seen}`;
    const payload = progress.run === null ? body : undefined;
    const response = await api.open(path, { body: payload, signal: attempt.signal });
    for await (const events of batches(response, abort)) {
      onEvents(progress.fresh(events));
      if (progress.over) return;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    abort();
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
