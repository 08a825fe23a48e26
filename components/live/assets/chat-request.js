/** One request and its reply: from the press of Send, or from following a run, to the end. */

import { Reply } from "./reply.js";
import { followRun, RequestError } from "./stream.js";

/** @typedef {{text: string, images: import("./images.js").AttachedImage[]}} NewMessage */

let count = 0;

export class ChatRequest {
  /** @param {{runId?: string|null, message?: NewMessage|null}} origin the run to follow, or the message to send */
  constructor({ runId = null, message = null }) {
    this.runId = runId;
    this.key = `${Date.now()}-${(count += 1)}`;
    this.message = message;
    this.abort = new AbortController();
  }

  /**
   * To be called once, right after `start`: so the request is on its way while the page is laid out.
   * @param {import("./message.js").MessageView} view for the reply; text it already has stays before the new text
   * @param {import("./message.js").MessageView|null} userView for the user's message
   */
  attachViews(view, userView = null) {
    this.userView = userView;
    this.reply = new Reply(view);
    if (view.message.text) this.reply.continueFrom(view.message.savedText ?? view.message.text);
  }

  /**
   * @param {import("./stream.js").Api} api
   * @param {(() => object|Promise<object>)|null} createBody what the send route takes; without a promise it is sent at once
   * @param {object} owner gets `onStart`, and then one of `onEnd`, `onDisconnect` and `onError`
   */
  async start(api, createBody, owner) {
    const { signal } = this.abort;
    try {
      const created = createBody?.();
      const body = created instanceof Promise ? await created : created;
      const source = { body: body && { ...body, key: this.key }, runId: this.runId, signal };
      const showDisconnected = () => this.reply.setStatus(owner.t("disconnected"));
      const ended = await followRun(api, source, (events) => this.#handleEvents(events, owner), showDisconnected);
      if (!ended && !signal.aborted) owner.onDisconnect(this);
    } catch (error) {
      if (!signal.aborted) owner.onError(this, error);
    }
  }

  #handleEvents(events, owner) {
    for (const event of events) {
      if (this.abort.signal.aborted) return;
      if (event.t === "start") this.#onStart(event, owner);
      else if (event.t === "end") owner.onEnd(this, event);
      else if (event.t === "error") owner.onError(this, new RequestError(event.title, event.hint));
      else this.reply.handleEvent(event);
    }
  }

  #onStart({ run, user, assistant }, owner) {
    this.runId = run;
    if (user && this.userView) this.userView.update(user);
    this.reply.view.setMessage(assistant);
    owner.onStart();
  }

  /** Whether the app has not confirmed yet that it received the request. */
  get isUnconfirmed() {
    return this.runId === null;
  }

  /** @returns {NewMessage|null} the new message of an unconfirmed request, if it has one */
  get unsentMessage() {
    return this.isUnconfirmed && (this.message?.text || this.message?.images.length) ? this.message : null;
  }

  /** Ignore the rest of the reply. */
  dispose() {
    this.abort.abort();
    this.reply.dispose();
  }
}
