/** What a screen reader is told of the replies, in words and at the right moments. */

import { h } from "./dom.js";

const KEPT = 3;

export class Log {
  /** @param {import("./dom.js").Say} say */
  constructor(say) {
    this.say = say;
    this.element = h("div", { class: "unseen", role: "log", "aria-live": "polite" });
  }

  started() {
    this.#announce("replyStarted");
  }

  /** @param {object} message the reply with its run */
  ended({ run }) {
    const summary = (run?.metrics ?? []).map(({ value, label }) => `${value} ${label}`).join(", ");
    if (run?.error) this.#announce("replyFailed", { title: run.error.title });
    else this.#announce("replyComplete", { summary });
  }

  #announce(key, values) {
    this.element.append(h("p", {}, this.say(key, values)));
    while (this.element.childElementCount > KEPT) this.element.firstChild.remove();
  }
}
