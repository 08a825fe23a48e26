/** One question and its reply, from the press of Send, or the joining of a run, to the end. */

import { Reply } from "./reply.js";
import { follow, StartError } from "./stream.js";

/** @typedef {{text: string, images: import("./images.js").Attached[]}} Sent */

let count = 0;

export class Exchange {
  /** @param {{run?: string|null, sent?: Sent|null}} origin the run that is joined, or what is sent */
  constructor({ run = null, sent = null }) {
    this.id = run;
    this.key = `${Date.now()}-${(count += 1)}`;
    this.sent = sent;
    this.abort = new AbortController();
  }

  /**
   * To be called once and at once, but after `follow`: the question is on its way while its place is made.
   * @param {import("./message.js").MessageView} view where the reply is drawn; text it has already stays in front
   * @param {import("./message.js").MessageView|null} user that of the question
   */
  drawIn(view, user = null) {
    this.user = user;
    this.reply = new Reply(view);
    if (view.message.text) this.reply.continueFrom(view.message.text);
  }

  /**
   * @param {import("./stream.js").Api} api
   * @param {(() => object|Promise<object>)|null} body makes what the send route takes; without a promise it goes out at once
   * @param {object} owner is told of `onStart`, and of one of `onEnd`, `onLost` and `onRefused`
   */
  async follow(api, body, owner) {
    const { signal } = this.abort;
    try {
      const made = body?.();
      const ready = made instanceof Promise ? await made : made;
      const source = { body: ready && { ...ready, key: this.key }, run: this.id, signal };
      const onBreak = () => this.reply.tell(owner.say("disconnected"));
      const ended = await follow(api, source, (events) => this.#takeAll(events, owner), onBreak);
      if (!ended && !signal.aborted) owner.onLost(this);
    } catch (error) {
      if (!signal.aborted) owner.onRefused(this, error);
    }
  }

  #takeAll(events, owner) {
    for (const event of events) {
      if (this.abort.signal.aborted) return;
      if (event.t === "start") this.#onStart(event, owner);
      else if (event.t === "end") owner.onEnd(this, event);
      else if (event.t === "error") owner.onRefused(this, new StartError(event.title, event.hint));
      else this.reply.take(event);
    }
  }

  #onStart({ run, user, assistant }, owner) {
    this.id = run;
    if (user && this.user) this.user.update(user);
    this.reply.view.adopt(assistant);
    owner.onStart();
  }

  /** Whether something was sent that the app has not been heard to have received. */
  get unheard() {
    return this.id === null;
  }

  /** What of that was new, or null. */
  get unsent() {
    return this.unheard && (this.sent?.text || this.sent?.images.length) ? this.sent : null;
  }

  /** Hear no more of it. */
  leave() {
    this.abort.abort();
    this.reply.abandon();
  }
}
