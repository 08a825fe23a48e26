/** A reply while it arrives: timer, retries, reasoning, and text that is drawn at most once a frame. */

import { countdown, h } from "./dom.js";
import { isIncomplete, nextFrame } from "./message.js";

const TIMER_MS = 100;
const REASONING_TIMER_MS = 200;
const SILENCE_S = 5; // without data in the middle of a reply, after which the page says so

export class Reply {
  /** @param {import("./message.js").MessageView} view */
  constructor(view) {
    this.view = view;
    this.t = view.t;
    this.text = "";
    this.isScheduled = false;
    this.hasDrawn = false;
    this.#showWaiting();
  }

  /** Handle one event of the run, except "end" and "error", which concern the owner. */
  handleEvent(event) {
    const handler = { text: this.#onText, reasoning: this.#onReasoning, retry: this.#onRetry, status: this.#onStatus }[event.t];
    handler?.call(this, event);
  }

  #showWaiting() {
    this.#showStatus((element) => {
      const label = h("span");
      const start = performance.now();
      const show = () => {
        label.textContent = this.t("waiting", { seconds: ((performance.now() - start) / 1000).toFixed(1) });
      };
      const timer = setInterval(show, TIMER_MS);
      element.append(h("span", { class: "pulse" }), label);
      show();
      return () => clearInterval(timer);
    });
  }

  /** Show a status line until the next one; *fill* returns what ends its timers, if it has any. */
  #showStatus(fill) {
    this.#clearStatus();
    this.view.status.hidden = false;
    this.endStatus = fill(this.view.status);
  }

  #clearStatus() {
    if (this.view.status.hidden) return;
    this.endStatus?.();
    this.endStatus = null;
    this.view.status.hidden = true;
    this.view.status.replaceChildren();
  }

  /** Show *text* in the status line until something else arrives. */
  setStatus(text) {
    this.#endSilence();
    this.#showStatus((element) => { element.textContent = text; });
  }

  #onText({ s: text }) {
    if (!this.stream) this.#startText();
    this.#onData();
    this.text += text;
    this.stream.push(text);
    if (!this.hasDrawn) this.#draw(); // the user waits for the first words: not a frame later
    else this.#schedule();
  }

  /** Note that data arrived, and watch for the silence that may follow. */
  #onData() {
    this.#clearStatus();
    this.dataAt = performance.now();
    this.silenceTimer ??= setInterval(() => this.#showSilence(), 1000);
  }

  #showSilence() {
    const seconds = Math.floor((performance.now() - this.dataAt) / 1000);
    if (seconds >= SILENCE_S) this.#showStatus((element) => { element.textContent = this.t("noData", { seconds }); });
  }

  #endSilence() {
    clearInterval(this.silenceTimer);
    this.silenceTimer = null;
  }

  #startText() {
    this.stream = this.view.startText();
    if (this.prefix) this.stream.push(this.prefix);
    if (this.reasoning) this.#endReasoning();
  }

  #onReasoning({ s: text }) {
    if (!this.reasoning) this.#startReasoning();
    this.#onData();
    this.reasoning.append(text);
  }

  #startReasoning() {
    this.#clearStatus();
    this.reasoningStart = performance.now();
    this.view.showReasoning("");
    this.summary = this.view.reasoning.querySelector("summary");
    this.reasoning = this.view.reasoning.querySelector(".reasoning-text");
    this.reasoningTimer = setInterval(() => this.#showReasoningTime("thinking"), REASONING_TIMER_MS);
    this.#showReasoningTime("thinking");
  }

  #showReasoningTime(label) {
    const seconds = (performance.now() - this.reasoningStart) / 1000;
    this.summary.textContent = this.t(label, { seconds: seconds < 10 ? seconds.toFixed(1) : Math.round(seconds) });
  }

  #endReasoning() {
    clearInterval(this.reasoningTimer);
    this.#showReasoningTime("thoughtFor");
  }

  #onRetry({ attempt, max_attempts: maxAttempts, wait, reason, retry_after: isRequested }) {
    const explanation = isRequested ? this.t("waitRequested", { reason }) : reason;
    this.#showStatus((element) => countdown(wait, (remaining) => {
      const values = { attempt, maxAttempts, wait: remaining.toFixed(1), reason: explanation };
      element.textContent = this.t("attempt", values);
    }));
  }

  #onStatus({ s: text }) {
    if (!this.stream) this.setStatus(text);
  }

  /** Start with *text*, when a reply is continued. */
  continueFrom(text) {
    this.prefix = text;
  }

  /** Draw in the next frame; an open block that is slow to draw waits by itself. */
  #schedule() {
    if (this.isScheduled || this.isClosed) return;
    this.isScheduled = true;
    nextFrame(() => this.#draw());
  }

  #draw() {
    this.isScheduled = false;
    if (this.isClosed) return;
    this.hasDrawn = true;
    if (!this.stream.flush()) this.#schedule();
  }

  /** Show the final *message*: first the rest of its text, then everything around it. */
  async finish(message) {
    this.isClosed = true;
    this.#endSilence();
    this.#clearStatus();
    if (this.reasoning && !this.stream) this.#endReasoning();
    const streamed = (this.prefix ?? "") + this.text;
    const isStreamed = this.stream && streamed === message.text;
    if (isStreamed) this.view.message = { ...this.view.message, text: message.text, role: message.role };
    this.view.update(message);
    if (!isStreamed) return this.view.render();
    this.stream.end(isIncomplete(message));
    return this.view.drain(this.stream);
  }

  /** Draw all text that has arrived, and make it that of the message. */
  settle() {
    if (!this.stream) return;
    this.isClosed = true;
    this.view.message = { ...this.view.message, text: (this.prefix ?? "") + this.text };
    this.stream.end(true);
    this.view.drain(this.stream);
  }

  /** Leave the view as it is, with no timers running. */
  dispose() {
    this.isClosed = true;
    this.#endSilence();
    this.#clearStatus();
    clearInterval(this.reasoningTimer);
  }
}
