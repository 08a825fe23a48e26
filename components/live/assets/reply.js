/** A reply while it arrives: waiting timer, retries, reasoning, and text at most once a frame. */

import { countdown, h } from "./dom.js";
import { nextFrame } from "./message.js";

const PACE_MS = 40; // between two drawings of new text

export class Reply {
  /** @param {import("./message.js").MessageView} view */
  constructor(view) {
    this.view = view;
    this.say = view.say;
    this.text = "";
    this.scheduled = false;
    this.drawnAt = 0;
    this.#wait();
  }

  /** Take one event of the run; "end" and "error" are the owner's business. */
  take(event) {
    const handler = { text: this.#onText, think: this.#onThink, retry: this.#onRetry, note: this.#onNote }[event.t];
    handler?.call(this, event);
  }

  #wait() {
    this.#status((element) => {
      const words = h("span");
      const began = performance.now();
      const show = () => {
        words.textContent = this.say("waiting", { seconds: ((performance.now() - began) / 1000).toFixed(1) });
      };
      const timer = setInterval(show, 100);
      element.append(h("span", { class: "pulse" }), words);
      show();
      return () => clearInterval(timer);
    });
  }

  /** Show a status line until the next one; *fill* returns what ends its timers. */
  #status(fill) {
    this.clearStatus();
    this.view.status.hidden = false;
    this.endStatus = fill(this.view.status);
  }

  clearStatus() {
    if (this.view.status.hidden) return;
    this.endStatus?.();
    this.endStatus = null;
    this.view.status.hidden = true;
    this.view.status.replaceChildren();
  }

  #onText({ s }) {
    if (!this.stream) this.#firstText();
    this.clearStatus();
    this.text += s;
    this.stream.push(s);
    if (this.drawnAt === 0) this.#draw(); // the first words are what is waited for: not a frame later
    else this.#schedule();
  }

  #firstText() {
    this.stream = this.view.startText();
    if (this.prefix) this.stream.push(this.prefix);
    if (this.thoughts) this.#thought();
  }

  #onThink({ s }) {
    if (!this.thoughts) this.#firstThought();
    this.thoughts.append(s);
  }

  #firstThought() {
    this.clearStatus();
    this.thinkingSince = performance.now();
    this.view.showReasoning("");
    this.summary = this.view.reasoning.querySelector("summary");
    this.thoughts = this.view.reasoning.querySelector(".thoughts");
    this.thinking = setInterval(() => this.#countThinking("thinking"), 200);
    this.#countThinking("thinking");
  }

  #countThinking(label) {
    const seconds = (performance.now() - this.thinkingSince) / 1000;
    this.summary.textContent = this.say(label, { seconds: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
  }

  #thought() {
    clearInterval(this.thinking);
    this.#countThinking("thought");
  }

  #onRetry({ attempt, of, wait, reason, retry_after: asked }) {
    const why = reason + (asked ? this.say("serverAsked") : "");
    this.#status((element) => countdown(wait, (left) => {
      element.textContent = this.say("attempt", { attempt, of, wait: left.toFixed(1), reason: why });
    }));
  }

  #onNote({ s }) {
    if (!this.stream) this.tell(s);
  }

  /** Show *text* in the status line until something else arrives. */
  tell(text) {
    this.#status((element) => { element.textContent = text; });
  }

  /** The text so far belongs to the reply already (a continued one): it stays in front. */
  continueFrom(text) {
    this.prefix = text;
  }

  /** Draw in the next frame, but new text at most every *PACE_MS*: more often costs CPU and nobody sees it. */
  #schedule(pause = this.drawnAt + PACE_MS - performance.now()) {
    if (this.scheduled || this.closing) return;
    this.scheduled = true;
    if (pause > 0) setTimeout(() => nextFrame(() => this.#draw()), pause);
    else nextFrame(() => this.#draw());
  }

  #draw() {
    this.scheduled = false;
    if (this.closing) return;
    this.drawnAt = performance.now();
    if (!this.stream.flush()) this.#schedule(0);
  }

  /** The final *message* has come: settle the text, then show everything around it. */
  async finish(message) {
    this.closing = true;
    this.clearStatus();
    if (this.thoughts && !this.stream) this.#thought();
    const streamed = (this.prefix ?? "") + this.text;
    const drawn = this.stream && streamed === message.text;
    if (drawn) this.view.message = { ...this.view.message, text: message.text, role: message.role };
    this.view.update(message);
    if (!drawn) return this.view.render();
    this.stream.end();
    return this.view.drain(this.stream);
  }

  /** Leave the view as it is, with no timers running. */
  abandon() {
    this.closing = true;
    this.clearStatus();
    clearInterval(this.thinking);
  }
}
