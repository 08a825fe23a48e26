/** One message of the transcript: its text, reasoning, status line, error card, metrics and actions. */

import { actionBar, branchBar } from "./actions.js";
import { copyButton, countdown, h, icon, metricList } from "./dom.js";
import { MarkdownStream, needsWholeText, writePlain } from "./markdown.js";
import { draw, highlightLater, lex, whenIdle } from "./sanitize.js";

const nextFrame = (task) => (document.hidden ? setTimeout(task, 30) : requestAnimationFrame(task));

export class MessageView {
  /**
   * @param {object} message as the transcript route sends it
   * @param {{say: import("./dom.js").Say, act: (name: string, view: MessageView) => void, readonly: boolean}} owner
   */
  constructor(message, owner) {
    this.owner = owner;
    this.say = owner.say;
    this.raw = false;
    this.pictures = h("div", { class: "pictures" });
    this.reasoning = h("div", { class: "reasoning" });
    this.body = h("div", { class: "body" });
    this.status = h("p", { class: "status", hidden: true });
    this.problem = h("div");
    this.foot = h("div", { class: "foot" });
    const parts = [this.reasoning, this.pictures, this.body, this.status, this.problem, this.foot];
    this.element = h("article", { class: "message", tabindex: "-1" }, parts);
    this.update(message);
  }

  /** Show *message*; a body whose text is unchanged keeps its DOM. */
  update(message) {
    const textChanged = this.message?.text !== message.text || this.message.role !== message.role;
    const picturesChanged = JSON.stringify(this.message?.images) !== JSON.stringify(message.images);
    this.message = message;
    this.element.dataset.role = message.role;
    this.element.dataset.message = message.id ?? "";
    this.element.setAttribute("aria-label", this.say(message.role === "user" ? "user" : "assistant"));
    this.element.classList.toggle("dropped", Boolean(message.dropped));
    if (textChanged) this.#showPlain();
    if (picturesChanged) this.#showPictures();
    this.showAround();
  }

  /** Become the message that the app has just begun to write, leaving the body to the stream. */
  adopt(message) {
    this.message = { ...message, text: this.message.text };
    this.element.dataset.message = message.id;
    this.showAround();
  }

  /** Redraw what stands around the body: reasoning, error card, metrics, actions. */
  showAround() {
    const run = this.message.run;
    if (run?.reasoning && !this.reasoning.firstChild) this.showReasoning(run.reasoning);
    this.problem.replaceChildren(...(run?.error ? [errorCard(this, run.error)] : []));
    const focused = this.element.getRootNode().activeElement;
    const action = this.foot.contains(focused) ? focused.dataset.action : null;
    this.foot.replaceChildren(...this.#footParts(run));
    if (action) this.foot.querySelector(`[data-action=${action}]`)?.focus();
  }

  #footParts(run) {
    const { message, say } = this;
    const tags = [message.pinned && say("pinned"), message.dropped && say("dropped")].filter(Boolean);
    return [
      run?.note && h("p", { class: "note" }, run.note),
      ...tags.map((tag) => h("span", { class: "tag" }, tag)),
      run?.metrics?.length && metricList(run.metrics, say("metrics"), say),
      branchBar(this),
      actionBar(this),
    ].filter(Boolean);
  }

  showReasoning(text) {
    const words = h("div", { class: "thoughts" }, text);
    this.reasoning.replaceChildren(h("details", {}, h("summary", {}, this.say("reasoning")), words));
  }

  #showPictures() {
    const images = this.message.images ?? [];
    this.pictures.replaceChildren(...images.map((image) => h("img", { src: image.src, alt: image.alt, loading: "lazy" })));
  }

  /** The text without Markdown: cheap, searchable, and right for what a person wrote. */
  #showPlain() {
    this.rendered = this.message.role === "user" || !this.message.text;
    this.body.className = "body verbatim";
    writePlain(this.body, this.message.text);
  }

  /** Draw the Markdown, a frame's worth at a time; the transcript calls this when the message comes near the screen. */
  render() {
    if (this.rendered) return;
    this.rendered = true;
    const stream = this.startText();
    stream.push(this.message.text);
    stream.end();
    this.drain(stream);
  }

  /** An empty body that Markdown can be pushed into. */
  startText() {
    this.rendered = true;
    this.body.className = "body md";
    return new MarkdownStream(this.body, this.say);
  }

  /** Flush *stream* until it is all drawn. */
  async drain(stream) {
    while (!stream.flush()) await new Promise(nextFrame);
    const text = this.message.text;
    if (needsWholeText(text)) whenIdle(() => this.#renderWhole(text));
  }

  #renderWhole(text) {
    if (this.message.text !== text || this.raw) return;
    this.body.replaceChildren(draw(lex(text), this.say));
    highlightLater(this.body);
  }

  toggleRaw() {
    this.raw = !this.raw;
    this.#showPlain();
    if (!this.raw) this.render();
    this.showAround();
  }
}

/** What went wrong in this reply, what to do, and Retry. */
function errorCard(view, error) {
  const { say } = view;
  const facts = [error.status, error.code].filter(Boolean).join(" · ");
  return h("section", { class: "error", role: "group", "aria-label": error.title },
    h("strong", {}, error.title),
    error.hint && h("p", {}, error.hint),
    h("div", { class: "facts" },
      facts && h("code", {}, facts),
      error.request_id && h("code", {}, say("requestId", { id: error.request_id })),
      error.request_id && copyButton(say, () => [error.request_id, facts, error.detail].filter(Boolean).join("\n")),
      error.retryable && !view.owner.readonly && retryButton(view, error.retry_after)),
    error.detail && h("details", {}, h("summary", {}, say("details")), h("pre", { tabindex: "0" }, error.detail)));
}

function retryButton(view, seconds) {
  const label = h("span", {}, view.say("retry"));
  const button = h("button", { type: "button", class: "text", onclick: () => view.owner.act("regenerate", view) },
    icon("regenerate"), label);
  if (seconds > 0) {
    button.disabled = true;
    countdown(seconds, (left) => {
      label.textContent = left > 0 ? view.say("retryIn", { seconds: Math.ceil(left) }) : view.say("retry");
      button.disabled = left > 0;
    });
  }
  return button;
}

export { nextFrame };
