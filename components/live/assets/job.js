/** The job mode: follow one run and draw its text and state, with neither transcript nor input. */

import { h } from "./dom.js";
import { speaker } from "./labels.js";
import { MessageView } from "./message.js";
import { Reply } from "./reply.js";
import { Api, follow } from "./stream.js";

export class Job {
  constructor() {
    this.element = h("div", { class: "list" });
    this.run = null;
  }

  configure(data, trigger) {
    this.trigger = trigger;
    this.api = new Api(data.token);
    this.over = Boolean(data.over); // the page knows how it ended, so it need not be told
    if (data.run === this.run) return;
    this.close();
    this.run = data.run;
    if (data.run) this.#follow(data.run, speaker(data.labels));
  }

  close() {
    this.abort?.abort();
    this.reply?.abandon();
  }

  async #follow(run, say) {
    const abort = (this.abort = new AbortController());
    const message = { id: null, role: "assistant", text: "", images: [], siblings: [], run: null };
    const view = new MessageView(message, { say, readonly: true, act: (name, shown) => this.#act(name, shown, run) });
    const reply = (this.reply = new Reply(view));
    this.element.replaceChildren(view.element);
    const take = (events) => events.forEach((event) => this.#take(event, reply, run));
    const ended = await follow(this.api, { run, signal: abort.signal }, take, () => reply.tell(say("disconnected"))).catch(() => false);
    if (ended || abort.signal.aborted) return;
    reply.tell(say("lost"));
  }

  #act(name, view, run) {
    if (name === "inspect") this.trigger("inspect", run);
    if (name === "raw") view.toggleRaw();
  }

  #take(event, reply, run) {
    if (event.t === "end") {
      reply.finish(event.message);
      if (!this.over) this.trigger("ended", run);
    } else if (event.t === "error") {
      reply.finish({ ...reply.view.message, run: { id: run, state: "failed", error: event } });
    } else {
      reply.take(event);
    }
  }
}
