/** The "run" mode: the text and the state of one run, with neither transcript nor composer. */

import { h } from "./dom.js";
import { createTranslator } from "./labels.js";
import { MessageView } from "./message.js";
import { Reply } from "./reply.js";
import { Api, followRun } from "./stream.js";

const MIN_VISIBLE_HEIGHT = 200; // px of a new reply

export class RunView {
  constructor() {
    this.element = h("div", { class: "list" });
    this.runId = null;
    this.api = new Api();
  }

  /** Follow the run that *data* names; called again with each rerun of the page. */
  configure(data, trigger) {
    this.trigger = trigger;
    // Not renewed: a new session knows nothing of this run, so that the page would remove its text.
    this.api.token.configure(data.token);
    this.isEnded = Boolean(data.is_ended); // the page has drawn how it ended: its end must not make it run again
    if (data.run === this.runId) return;
    this.close();
    this.runId = data.run;
    if (data.run) this.#follow(data, createTranslator(data.labels));
  }

  close() {
    this.abort?.abort();
    this.reply?.dispose();
  }

  async #follow(data, t) {
    const runId = data.run;
    const abort = (this.abort = new AbortController());
    const message = { id: null, role: "assistant", text: "", images: [], siblings: [], run: null };
    const view = new MessageView(message, { t, readonly: true, onAction: (name) => this.#onAction(name, view, runId) });
    const reply = (this.reply = new Reply(view));
    this.element.replaceChildren(view.element);
    if (!this.isEnded && data.scroll_into_view) this.#showNewReply();
    const onEvents = (events) => events.forEach((event) => this.#handleEvent(event, reply, runId));
    const onDisconnect = () => reply.setStatus(t("disconnected"));
    const ended = await followRun(this.api, { runId, signal: abort.signal }, onEvents, onDisconnect).catch(() => false);
    if (ended || abort.signal.aborted) return;
    reply.settle();
    reply.setStatus(t("noResponse"));
  }

  /** Scroll to a reply that starts below the visible part of the page. */
  #showNewReply() {
    requestAnimationFrame(() => {
      const { top } = this.element.getBoundingClientRect();
      if (top > window.innerHeight - MIN_VISIBLE_HEIGHT) this.element.scrollIntoView({ block: "start" });
    });
  }

  #onAction(name, view, runId) {
    if (name === "inspect") this.trigger("inspect", runId);
    if (name === "raw") view.toggleRaw();
  }

  #handleEvent(event, reply, runId) {
    if (event.t === "end") {
      reply.finish(event.message);
      if (!this.isEnded) this.trigger("ended", runId);
    } else if (event.t === "error") {
      reply.finish({ ...reply.view.message, run: { id: runId, state: "failed", error: event } });
    } else {
      reply.handleEvent(event);
    }
  }
}
